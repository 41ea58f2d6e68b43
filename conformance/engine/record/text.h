// Texts of a target made fit for terminals, XML and JSON.

#pragma once

#include <string>
#include <string_view>

namespace grantspec {

/// Text that a terminal can show: control characters, escape sequences, invisible characters,
/// bidirectional overrides and bytes that are not UTF-8 appear as \xNN; line ends stay where
/// `keep_lines` says so. So do characters by which runners of builds would read a command: the `[`
/// of `##[`, and the first `:` of a `::` that no visible character stands before.
std::string Printable(std::string_view text, bool keep_lines = false);

/// Whether the text is UTF-8 without NUL and can stand in a report as it is.
bool IsPlainText(std::string_view text);

/// Text inside XML: markup escaped, what XML 1.0 does not allow as \xNN.
std::string XmlText(std::string_view text);

/// A word quoted for a POSIX shell.
std::string ShellQuoted(std::string_view text);

/// A line cut to so many columns; one that was cut ends in "...".
std::string Fitted(std::string_view text, std::size_t columns);

/// Text broken into lines of at most `width` columns at spaces; long words stay whole.
std::string Wrapped(std::string_view text, std::size_t width, std::string_view indent);

}  // namespace grantspec
