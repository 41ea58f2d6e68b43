// One group of options of a command line, under its own heading in --help.

#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>

namespace grantspec {

/// Adds options to a program under one heading.
class OptionGroup {
 public:
  OptionGroup(CLI::App& app, std::string heading) : app_(app), heading_(std::move(heading)) {}

  /// An option with a value that may come from the environment, too: GRANTSPEC_MAX_TIME stands in
  /// for --max-time.
  template <typename T>
  CLI::Option* Add(const std::string& names, T& value, const std::string& help) {
    return WithVariable(AddArgument(names, value, help));
  }

  /// An option with a value that only the command line can give.
  template <typename T>
  CLI::Option* AddArgument(const std::string& names, T& value, const std::string& help) {
    return app_.add_option(names, value, help)->group(heading_);
  }

  /// A flag that counts how often it is given.
  CLI::Option* AddFlag(const std::string& names, int& value, const std::string& help) {
    return app_.add_flag(names, value, help)->group(heading_);
  }

  /// A flag that only the command line can give.
  CLI::Option* AddFlag(const std::string& names, bool& value, const std::string& help) {
    return app_.add_flag(names, value, help)->group(heading_);
  }

  /// Gives an option the environment variable of its long name.
  static CLI::Option* WithVariable(CLI::Option* option);

 private:
  CLI::App& app_;
  std::string heading_;
};

}  // namespace grantspec
