#include "conformance/engine/options/command.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "conformance/engine/record/text.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

// Options that a new run of a few cases must not have.
constexpr std::string_view kDroppedWithValue[] = {
    "--report-json", "--report-junit", "--report-sarif", "--report-html",    "--report-markdown",
    "--category",    "--level",        "--requirement",  "--replay",         "--cause",
    "--reference",   "--fail-on",      "--waivers",      "--wait-for",       "--output-dir",
    "--badge",       "--history",      "--statement",    "--sarif-location",
};
constexpr std::string_view kDropped[] = {
    "-v", "-vv", "--verbose", "-q", "--quiet", "--update-waivers", "--fail-fast", "--quick"};

template <typename List>
bool IsListed(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool IsPlainWord(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return IsAlpha(c) || IsDigit(c) || std::string_view("-_./:=,@+%").find(c) != std::string::npos;
  });
}

std::string Quoted(std::string_view word) {
  return IsPlainWord(word) ? std::string(word) : ShellQuoted(word);
}

std::string WithoutPassword(const std::string& proxy) {
  const std::size_t at = proxy.rfind('@'), scheme = proxy.find("://");
  if (at == std::string::npos) return proxy;
  return proxy.substr(0, scheme == std::string::npos ? 0 : scheme + 3) + proxy.substr(at + 1);
}

// One option, apart from its value.
struct Argument {
  std::string name;   // empty: no option
  std::string value;  // where it is part of the argument
  bool has_value = false;
};

Argument Split(const std::string& text) {
  if (text.starts_with("--")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return {text, "", false};
    return {text.substr(0, equals), text.substr(equals + 1), true};
  }
  // "-uid:secret", as curl takes it.
  if (text.size() > 2 && (text.starts_with("-u") || text.starts_with("-x"))) {
    return {text.substr(0, 2), text.substr(2), true};
  }
  return {text.starts_with("-") ? text : "", "", false};
}

}  // namespace

std::string CommandOf(const std::vector<std::string>& arguments) {
  std::string command = arguments.empty() ? "grantspec" : Quoted(arguments.front());
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    Argument one = Split(arguments[i]);
    if (one.name.starts_with("--gtest_") || IsListed(kDropped, one.name)) continue;
    const bool user = one.name == "-u" || one.name == "--user";
    const bool proxy = one.name == "-x" || one.name == "--proxy";
    const bool dropped = IsListed(kDroppedWithValue, one.name);
    if (!user && !proxy && !dropped) {
      command += " " + Quoted(arguments[i]);
      continue;
    }
    if (!one.has_value && i + 1 < arguments.size()) one.value = arguments[++i];
    if (user) command += " -u \"$CLIENT_ID:$CLIENT_SECRET\"";
    if (proxy) command += " -x " + Quoted(WithoutPassword(one.value));
  }
  return command;
}

}  // namespace grantspec
