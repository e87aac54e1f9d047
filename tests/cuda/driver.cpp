// A CUDA driver without a card: the functions of libcuda.so.1 that siren uses, on the memory of this
// machine, with kernels that run on its processor. It refuses what the real one would: handles it does not
// know, copies past the end of an allocation, launches past what a kernel takes, PTX that is too new, and
// reads and writes of kernels outside all memory. What was launched has run when the call returns.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fibres.hpp"
#include "kernels.hpp"
#include "ptx.hpp"
#include "settings.hpp"

namespace {

/** Results, as cuda.h numbers them. */
enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_PTX = 218,
  UNSUPPORTED_PTX_VERSION = 222,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  LAUNCH_FAILED = 719,
};

const std::map<int, std::pair<const char*, const char*>> RESULTS = {
    {0, {"CUDA_SUCCESS", "no error"}},
    {1, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
    {2, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
    {3, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
    {34, {"CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"}},
    {46, {"CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"}},
    {100, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
    {101, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
    {201, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
    {209, {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for the device"}},
    {218, {"CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}},
    {221, {"CUDA_ERROR_JIT_COMPILER_NOT_FOUND", "PTX JIT compiler library not found"}},
    {222, {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
           "the provided PTX was compiled with an unsupported toolchain."}},
    {400, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
    {500, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
    {700, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
    {701, {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
    {719, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
    {802, {"CUDA_ERROR_SYSTEM_NOT_READY", "system not yet initialized"}},
    {803, {"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
           "system has unsupported display driver / cuda driver combination"}},
    {804, {"CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
           "forward compatibility was attempted on non supported HW"}},
    {999, {"CUDA_ERROR_UNKNOWN", "unknown error"}},
};

// ---------------------------------------------------------------- what there is

using Address = std::uint64_t;

/** Memory that ends at a page which cannot be read. */
struct Allocation {
  std::size_t bytes;
  void* mapping;
  std::size_t mapped;
};

struct Module {
  Ptx ptx;
};

struct Function {
  const Kernel* kernel;
  Entry entry;
};

struct Stream {};

struct Context {
  int device;
  unsigned uses = 0;
  /** What a kernel did wrong stays, as on a card. */
  int broken = SUCCESS;
  std::map<Address, Allocation> allocations;
  std::map<const void*, std::unique_ptr<Module>> modules;
  std::map<const void*, std::unique_ptr<Function>> functions;
  std::map<const void*, std::unique_ptr<Stream>> streams;

  /** The allocation that holds [at, at + bytes), if one does. */
  bool holds(Address at, std::size_t bytes) const {
    auto next = allocations.upper_bound(at);
    if (next == allocations.begin()) return false;
    const auto& [start, allocation] = *--next;
    return at - start <= allocation.bytes && bytes <= allocation.bytes - (at - start);
  }
};

std::recursive_mutex mutex;
bool isInitialized = false;
/** Primary contexts by device, while they are used. */
std::map<int, std::unique_ptr<Context>> contexts;
thread_local Context* current = nullptr;

std::string ofList(const std::string& list, unsigned index) {
  std::istringstream items(list);
  std::string item;
  for (unsigned i = 0; i <= index && std::getline(items, item, ',');) i++;
  return item;
}

unsigned capabilityOf(int device) {
  const std::string capability = ofList(setting("SIREN_TEST_CUDA_CAPABILITY", "9.0"), device);
  return 10 * std::stoul(capability) + std::stoul(capability.substr(capability.find('.') + 1));
}

/** The machine's numbers of the devices that are visible: those before the first it does not have. */
std::vector<int> devices() {
  const int count = std::stoi(setting("SIREN_TEST_GPUS", "1"));
  std::vector<int> result;
  const std::string all = "all", visible = setting("CUDA_VISIBLE_DEVICES", all);
  if (visible == all) {
    for (int i = 0; i < count; i++) result.push_back(i);
    return result;
  }
  std::istringstream items(visible);
  for (std::string item; std::getline(items, item, ',');) {
    char* end = nullptr;
    const long number = std::strtol(item.c_str(), &end, 10);
    if (end == item.c_str() || number < 0 || number >= count) break;
    result.push_back(static_cast<int>(number));
  }
  return result;
}

std::size_t memoryOf() { return std::stoull(setting("SIREN_TEST_CUDA_MEMORY", "1073741824")); }

std::size_t usedOf(const Context& context) {
  std::size_t used = 0;
  for (const auto& [at, allocation] : context.allocations) used += allocation.bytes;
  return used;
}

void release(const Allocation& allocation) { munmap(allocation.mapping, allocation.mapped); }

void destroy(int device) {
  const auto found = contexts.find(device);
  for (const auto& [at, allocation] : found->second->allocations) release(allocation);
  contexts.erase(found);
}

/** Whether a context is there still; the thread may name one that is gone. */
bool isContext(const void* handle) {
  for (const auto& [device, context] : contexts) {
    if (context.get() == handle) return true;
  }
  return false;
}

/** The newest PTX that a driver takes: CUDA 9.0 brought 6.0, 10.0 6.3, 11.0 7.0, and so on. */
unsigned newestPtx() {
  const unsigned version = std::stoul(setting("SIREN_TEST_CUDA_VERSION", "13000"));
  const unsigned major = version / 1000, minor = version % 1000 / 10;
  if (major < 11) return (major == 10 ? 63 : 60) + minor;
  return (major - 4) * 10 + minor;
}

// ---------------------------------------------------------------- what calls have in common

using Lock = std::lock_guard<std::recursive_mutex>;

/** Begins a call that needs cuInit. */
#define BEGIN()                                        \
  const Lock lock(mutex);                              \
  if (const int failure = failureOf(__func__)) return failure; \
  if (!isInitialized) return NOT_INITIALIZED

/** Begins a call that needs a context. */
#define BEGIN_IN_CONTEXT()                                        \
  BEGIN();                                                        \
  if (current == nullptr || !isContext(current)) return INVALID_CONTEXT; \
  if (current->broken) return current->broken

}  // namespace

extern "C" {

int cuGetErrorName(int result, const char** name) {
  const auto found = RESULTS.find(result);
  *name = found == RESULTS.end() ? nullptr : found->second.first;
  return *name == nullptr ? INVALID_VALUE : SUCCESS;
}

int cuGetErrorString(int result, const char** text) {
  const auto found = RESULTS.find(result);
  *text = found == RESULTS.end() ? nullptr : found->second.second;
  return *text == nullptr ? INVALID_VALUE : SUCCESS;
}

int cuInit(unsigned flags) {
  const Lock lock(mutex);
  if (const int failure = failureOf(__func__)) return failure;
  if (flags != 0) return INVALID_VALUE;
  if (devices().empty()) return NO_DEVICE;
  isInitialized = true;
  return SUCCESS;
}

int cuDriverGetVersion(int* version) {
  *version = std::stoi(setting("SIREN_TEST_CUDA_VERSION", "13000"));
  return failureOf(__func__);
}

int cuDeviceGetCount(int* count) {
  BEGIN();
  *count = static_cast<int>(devices().size());
  return SUCCESS;
}

int cuDeviceGet(int* device, int ordinal) {
  BEGIN();
  if (ordinal < 0 || ordinal >= static_cast<int>(devices().size())) return INVALID_DEVICE;
  *device = ordinal;
  return SUCCESS;
}

int cuDeviceGetName(char* name, int length, int device) {
  BEGIN();
  const std::vector<int> all = devices();
  if (device < 0 || device >= static_cast<int>(all.size())) return INVALID_DEVICE;
  const std::string own =
      ofList(setting("SIREN_TEST_CUDA_NAMES", "driver without a card"), all[device]);
  if (length < 1) return INVALID_VALUE;
  std::strncpy(name, own.c_str(), length - 1);
  name[length - 1] = 0;
  return SUCCESS;
}

int cuDeviceGetAttribute(int* value, int attribute, int device) {
  BEGIN();
  const std::vector<int> all = devices();
  if (device < 0 || device >= static_cast<int>(all.size())) return INVALID_DEVICE;
  const unsigned capability = capabilityOf(all[device]);
  if (attribute == 75) *value = static_cast<int>(capability / 10);
  else if (attribute == 76) *value = static_cast<int>(capability % 10);
  else return INVALID_VALUE;
  return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void** context, int device) {
  BEGIN();
  const std::vector<int> all = devices();
  if (device < 0 || device >= static_cast<int>(all.size())) return INVALID_DEVICE;
  std::unique_ptr<Context>& own = contexts[device];
  if (own == nullptr) {
    own = std::make_unique<Context>();
    own->device = all[device];
  }
  own->uses++;
  *context = own.get();
  return SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int device) {
  BEGIN();
  const auto found = contexts.find(device);
  if (found == contexts.end()) return INVALID_CONTEXT;
  if (--found->second->uses == 0) destroy(device);
  return SUCCESS;
}

int cuCtxSetCurrent(void* context) {
  BEGIN();
  if (context != nullptr && !isContext(context)) return INVALID_CONTEXT;
  current = static_cast<Context*>(context);
  return SUCCESS;
}

int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  BEGIN_IN_CONTEXT();
  const std::size_t memory = memoryOf(), used = usedOf(*current);
  *free = used > memory ? 0 : memory - used;
  *total = memory;
  return SUCCESS;
}

int cuMemAlloc_v2(Address* address, std::size_t bytes) {
  BEGIN_IN_CONTEXT();
  if (bytes == 0) return INVALID_VALUE;
  if (bytes > memoryOf() || usedOf(*current) > memoryOf() - bytes) return OUT_OF_MEMORY;
  const std::size_t page = getpagesize();
  // The last byte, but for alignment, lies right before the page that cannot be read.
  const std::size_t aligned = (bytes + 15) / 16 * 16;
  const std::size_t readable = (aligned + page - 1) / page * page;
  void* const mapping = mmap(nullptr, readable + page, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return OUT_OF_MEMORY;
  mprotect(static_cast<char*>(mapping) + readable, page, PROT_NONE);
  char* const start = static_cast<char*>(mapping) + readable - aligned;
  std::memset(start, 0xa5, aligned);  // nothing may count on zeros
  *address = reinterpret_cast<Address>(start);
  current->allocations[*address] = {bytes, mapping, readable + page};
  return SUCCESS;
}

int cuMemFree_v2(Address address) {
  BEGIN_IN_CONTEXT();
  const auto found = current->allocations.find(address);
  if (found == current->allocations.end()) return INVALID_VALUE;
  release(found->second);
  current->allocations.erase(found);
  return SUCCESS;
}

int cuStreamCreate(void** stream, unsigned flags) {
  BEGIN_IN_CONTEXT();
  if (flags > 1) return INVALID_VALUE;
  auto own = std::make_unique<Stream>();
  *stream = own.get();
  current->streams[*stream] = std::move(own);
  return SUCCESS;
}

int cuStreamDestroy_v2(void* stream) {
  BEGIN_IN_CONTEXT();
  return current->streams.erase(stream) ? SUCCESS : INVALID_HANDLE;
}

int cuStreamSynchronize(void* stream) {
  BEGIN_IN_CONTEXT();
  return current->streams.count(stream) ? SUCCESS : INVALID_HANDLE;
}

int cuMemcpyHtoDAsync_v2(Address to, const void* from, std::size_t bytes, void* stream) {
  BEGIN_IN_CONTEXT();
  if (!current->streams.count(stream)) return INVALID_HANDLE;
  if (!current->holds(to, bytes) || (from == nullptr && bytes > 0)) return INVALID_VALUE;
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return SUCCESS;
}

int cuMemcpyDtoHAsync_v2(void* to, Address from, std::size_t bytes, void* stream) {
  BEGIN_IN_CONTEXT();
  if (!current->streams.count(stream)) return INVALID_HANDLE;
  if (!current->holds(from, bytes) || (to == nullptr && bytes > 0)) return INVALID_VALUE;
  std::memcpy(to, reinterpret_cast<const void*>(from), bytes);
  return SUCCESS;
}

int cuMemsetD32Async(Address to, unsigned value, std::size_t count, void* stream) {
  BEGIN_IN_CONTEXT();
  if (!current->streams.count(stream)) return INVALID_HANDLE;
  if (to % 4 != 0 || count > SIZE_MAX / 4 || !current->holds(to, count * 4)) return INVALID_VALUE;
  for (std::size_t i = 0; i < count; i++) reinterpret_cast<unsigned*>(to)[i] = value;
  return SUCCESS;
}

int cuModuleLoadDataEx(void** module, const void* image, unsigned optionCount, const int* options,
                       void** values) {
  BEGIN_IN_CONTEXT();
  char* log = nullptr;
  std::size_t logBytes = 0;
  for (unsigned i = 0; i < optionCount; i++) {
    if (options[i] == 5) log = static_cast<char*>(values[i]);
    else if (options[i] == 6) logBytes = reinterpret_cast<std::size_t>(values[i]);
    else return INVALID_VALUE;
  }
  const auto refuse = [&](int result, const std::string& why) {
    if (log != nullptr && logBytes > 0) {
      std::strncpy(log, why.c_str(), logBytes - 1);
      log[logBytes - 1] = 0;
    }
    return result;
  };
  auto own = std::make_unique<Module>();
  Ptx& ptx = own->ptx;
  if (!readPtx(static_cast<const char*>(image), ptx)) {
    return refuse(INVALID_PTX, "ptxas fatal : no version or target");
  }
  if (ptx.version > newestPtx()) {
    return refuse(UNSUPPORTED_PTX_VERSION, "ptxas fatal : Unsupported .version " +
                                               std::to_string(ptx.version / 10) + "." +
                                               std::to_string(ptx.version % 10));
  }
  if (ptx.target > capabilityOf(current->device)) {
    return refuse(NO_BINARY_FOR_GPU, "ptxas fatal : .target sm_" + std::to_string(ptx.target));
  }
  *module = own.get();
  current->modules[*module] = std::move(own);
  return SUCCESS;
}

int cuModuleUnload(void* module) {
  BEGIN_IN_CONTEXT();
  return current->modules.erase(module) ? SUCCESS : INVALID_HANDLE;
}

int cuModuleGetFunction(void** function, void* module, const char* name) {
  BEGIN_IN_CONTEXT();
  const auto found = current->modules.find(module);
  if (found == current->modules.end()) return INVALID_HANDLE;
  const auto entry = found->second->ptx.entries.find(name);
  if (entry == found->second->ptx.entries.end()) return NOT_FOUND;
  for (const Kernel& kernel : kernels()) {
    if (kernel.name != name) continue;
    // The PTX and kernel.cu have to agree on what the kernel takes.
    const std::vector<unsigned>& bytes = entry->second.parameters;
    if (bytes.size() != kernel.parameters.size()) return INVALID_PTX;
    for (std::size_t i = 0; i < bytes.size(); i++) {
      if (bytes[i] != kernel.parameters[i].bytes) return INVALID_PTX;
    }
    auto own = std::make_unique<Function>(Function{&kernel, entry->second});
    *function = own.get();
    current->functions[*function] = std::move(own);
    return SUCCESS;
  }
  return NOT_FOUND;
}

int cuLaunchKernel(void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                   unsigned blockY, unsigned blockZ, unsigned sharedBytes, void* stream,
                   void** parameters, void** extra) {
  std::function<void()> kernel;
  {
    BEGIN_IN_CONTEXT();
    const auto found = current->functions.find(function);
    if (found == current->functions.end() || !current->streams.count(stream)) return INVALID_HANDLE;
    const Function& own = *found->second;
    // What siren's kernels take: blocks and grids of one dimension, no shared memory of a size given here.
    if (gridX == 0 || gridX > 0x7fffffff || gridY != 1 || gridZ != 1) return INVALID_VALUE;
    if (blockX == 0 || blockX % 32 != 0 || blockY != 1 || blockZ != 1) return INVALID_VALUE;
    if (sharedBytes != 0 || extra != nullptr || parameters == nullptr) return INVALID_VALUE;
    if (blockX > own.entry.threads) return LAUNCH_OUT_OF_RESOURCES;
    for (std::size_t i = 0; i < own.kernel->parameters.size(); i++) {
      if (!own.kernel->parameters[i].isAddress) continue;
      const Address address = *static_cast<const Address*>(parameters[i]);
      if (address != 0 && current->holds(address, 0)) continue;
      current->broken = ILLEGAL_ADDRESS;  // as seen when the stream is next waited for
      return SUCCESS;
    }
    kernel = own.kernel->with(parameters);
  }
  // Without the lock: threads that have engines of their own work at the same time.
  const std::string fault = runBlocks(gridX, blockX, kernel);
  const Lock lock(mutex);
  if (!fault.empty()) {
    const bool isAddress = fault.find("no memory") != std::string::npos;
    current->broken = isAddress ? ILLEGAL_ADDRESS : LAUNCH_FAILED;
    // A card says no more than that; this is for whoever writes a kernel.
    if (!isAddress) std::fprintf(stderr, "driver without a card: %s\n", fault.c_str());
  }
  return SUCCESS;
}

/** How many allocations, streams, modules and uses of contexts there are. */
unsigned siren_test_held() {
  const Lock lock(mutex);
  std::size_t held = 0;
  for (const auto& [device, context] : contexts) {
    held += context->uses + context->allocations.size() + context->streams.size() +
            context->modules.size();
  }
  return static_cast<unsigned>(held);
}

}  // extern "C"
