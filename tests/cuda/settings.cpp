// See settings.hpp.
#include "settings.hpp"

#include <cstdlib>
#include <map>
#include <mutex>
#include <sstream>

namespace {

std::mutex mutex;
std::map<std::string, std::string> given;
/** How often each call was made since the failures were last set. */
std::map<std::string, unsigned> calls;
std::string lastFailures;

std::string find(const std::string& name, const std::string& otherwise) {
  const auto found = given.find(name);
  if (found != given.end()) return found->second;
  const char* const environment = std::getenv(name.c_str());
  return environment == nullptr ? otherwise : environment;
}

}  // namespace

std::string setting(const std::string& name, const std::string& otherwise) {
  const std::lock_guard<std::mutex> lock(mutex);
  return find(name, otherwise);
}

int failureOf(const std::string& call) {
  const std::lock_guard<std::mutex> lock(mutex);
  const std::string failures = find("SIREN_TEST_CUDA_FAIL", "");
  if (failures != lastFailures) calls.clear();
  lastFailures = failures;
  const unsigned count = ++calls[call];
  std::istringstream all(failures);
  for (std::string one; std::getline(all, one, ',');) {
    const std::size_t equals = one.find('='), colon = one.find(':');
    if (one.substr(0, std::min(equals, colon)) != call) continue;
    if (colon != std::string::npos && std::stoul(one.substr(colon + 1)) != count) continue;
    if (equals != std::string::npos) return std::stoi(one.substr(equals + 1));
    return call == "cuMemAlloc_v2" ? 2 : call == "cuInit" ? 999 : 719;
  }
  return 0;
}

/** Gives a setting a value; none takes it back. */
extern "C" void siren_test_set(const char* name, const char* value) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (value == nullptr) given.erase(name);
  else given[name] = value;
  calls.clear();
}
