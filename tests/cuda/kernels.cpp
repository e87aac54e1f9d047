// See kernels.hpp. KERNELS is the path of kernel.cu.
#include "kernels.hpp"

#include <type_traits>
#include <utility>

#include "device.hpp"

#include KERNELS

namespace {

template <typename... Types, std::size_t... I>
std::function<void()> call(void (*kernel)(Types...), void** from, std::index_sequence<I...>) {
  // Taken now: a launch reads its parameters before it returns.
  return [kernel, taken = std::make_tuple(*static_cast<Types*>(from[I])...)] {
    std::apply(kernel, taken);
  };
}

template <typename... Types>
Kernel make(const char* name, void (*kernel)(Types...)) {
  return {name,
          {{sizeof(Types), std::is_pointer_v<Types>}...},
          [kernel](void** from) { return call(kernel, from, std::index_sequence_for<Types...>()); }};
}

}  // namespace

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = {
      make("totals", totals),
      make("counts", counts),
      make("linksByPopcount", linksByPopcount),
      make("linksByTensor", linksByTensor),
      make("sumLinks", sumLinks),
      make("writeLinks", writeLinks),
      make("tally", tally),
  };
  return all;
}
