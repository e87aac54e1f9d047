// See ptx.hpp.
#include "ptx.hpp"

#include <sstream>

bool readPtx(const std::string& text, Ptx& ptx) {
  std::istringstream lines(text);
  Entry* entry = nullptr;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == ".version") {
      unsigned major = 0, minor = 0;
      char dot = 0;
      words >> major >> dot >> minor;
      ptx.version = 10 * major + minor;
    } else if (word == ".target") {
      std::string name;
      words >> name;
      if (name.rfind("sm_", 0) == 0) ptx.target = std::stoul(name.substr(3));
    } else if (word == ".visible") {
      std::string kind, name;
      words >> kind >> name;
      if (kind == ".entry") entry = &ptx.entries[name.substr(0, name.find('('))];
    } else if (word == ".param" && entry != nullptr) {
      std::string type;
      words >> type;
      entry->parameters.push_back(std::stoul(type.substr(2)) / 8);  // .u64
    } else if (word == ".maxntid" && entry != nullptr) {
      words >> entry->threads;
    } else if (word == "{") {
      entry = nullptr;  // what is declared from here on is not a parameter
    }
  }
  return ptx.version > 0 && ptx.target > 0;
}
