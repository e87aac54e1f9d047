// As much of PTX as tells whether a driver takes it, and which kernels it holds.
#pragma once
#include <map>
#include <string>
#include <vector>

struct Entry {
  /** Bytes of each parameter. */
  std::vector<unsigned> parameters;
  /** Most threads of a block; 1024 where it does not say. */
  unsigned threads = 1024;
};

struct Ptx {
  /** 60 for 6.0. */
  unsigned version = 0;
  /** 70 for sm_70. */
  unsigned target = 0;
  std::map<std::string, Entry> entries;
};

/** @returns Whether the text is PTX with at least a version and a target. */
bool readPtx(const std::string& text, Ptx& ptx);
