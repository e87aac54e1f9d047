// The kernels of kernel.cu as the driver without a card launches them.
#pragma once
#include <functional>
#include <string>
#include <vector>

struct Parameter {
  unsigned bytes;
  /** Whether it is an address on the device. */
  bool isAddress;
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  /** What one thread does, with the parameters that a launch names. */
  std::function<std::function<void()>(void** parameters)> with;
};

/** All kernels there are. */
const std::vector<Kernel>& kernels();
