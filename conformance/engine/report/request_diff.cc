#include "conformance/engine/report/request_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

// A header, a parameter or the request line: compared as a whole with its counterpart.
struct Piece {
  std::string key;        // in lower case for headers; counts repeats
  std::string shown_key;  // as it is sent
  std::string_view text;  // with what ends it: a line end, or an ampersand
};

// Cuts a text after each occurrence of a separator.
std::vector<std::string_view> CutAfter(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t at = text.find(separator);
    const std::size_t size = at == std::string_view::npos ? text.size() : at + 1;
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

std::vector<Piece> PiecesOf(std::string_view request) {
  std::vector<Piece> pieces;
  std::map<std::string, int> seen;
  const auto add = [&](const std::string& kind, std::string_view name, std::string_view text) {
    const std::string key = kind + (kind == "header " ? ToLower(name) : std::string(name));
    pieces.push_back({key + " " + std::to_string(seen[key]++), std::string(name), text});
  };
  const std::size_t empty_line = request.find("\r\n\r\n");
  const std::size_t head_size =
      empty_line == std::string_view::npos ? request.size() : empty_line + 4;
  for (const std::string_view line : CutAfter(request.substr(0, head_size), '\n')) {
    const bool first = pieces.empty();
    add(first ? "line" : "header ", first ? "" : line.substr(0, line.find_first_of(":\r\n")), line);
  }
  for (const std::string_view part : CutAfter(request.substr(head_size), '&')) {
    add("parameter ", part.substr(0, part.find_first_of("=&")), part);
  }
  return pieces;
}

bool FollowsFromOthers(const Piece& piece) {
  return piece.key.starts_with("header x-request-id ") ||
         piece.key.starts_with("header content-length ") || piece.key.starts_with("header  ");
}

// The text of a piece without the ampersand after it, which a last parameter has not.
std::string_view WithoutEnd(std::string_view text) {
  if (text.ends_with('&')) text.remove_suffix(1);
  return text;
}

void Add(RequestDiff& diff, std::string_view text, bool changed) {
  if (text.empty()) return;
  if (!diff.stretches.empty() && diff.stretches.back().changed == changed) {
    diff.stretches.back().text += text;
  } else {
    diff.stretches.push_back({std::string(text), changed});
  }
}

// Marks what stands between the common beginning and the common end.
void AddChanged(RequestDiff& diff, std::string_view text, std::string_view other) {
  const std::string_view own = WithoutEnd(text);
  other = WithoutEnd(other);
  const std::size_t shorter = std::min(own.size(), other.size());
  std::size_t begin = 0, end = 0;
  while (begin < shorter && own[begin] == other[begin]) ++begin;
  while (end < shorter - begin && own[own.size() - 1 - end] == other[other.size() - 1 - end]) ++end;
  // Something was only taken away: the bytes around the gap are marked.
  if (begin + end == own.size() && own.size() < other.size()) {
    begin -= begin > 0 ? 1 : 0;
    end -= end > 0 ? 1 : 0;
  }
  Add(diff, own.substr(0, begin), false);
  Add(diff, own.substr(begin, own.size() - begin - end), true);
  Add(diff, own.substr(own.size() - end), false);
  Add(diff, text.substr(own.size()), false);
}

}  // namespace

RequestDiff DiffOfRequest(std::string_view request, std::string_view control) {
  RequestDiff diff;
  if (control.empty()) {
    Add(diff, request, false);
    return diff;
  }
  std::map<std::string, Piece> of_control;
  for (Piece& piece : PiecesOf(control)) of_control.emplace(piece.key, std::move(piece));
  for (const Piece& piece : PiecesOf(request)) {
    const auto found = of_control.find(piece.key);
    if (FollowsFromOthers(piece)) {
      Add(diff, piece.text, false);
    } else if (found == of_control.end()) {
      Add(diff, WithoutEnd(piece.text), true);
      Add(diff, piece.text.substr(WithoutEnd(piece.text).size()), false);
    } else if (WithoutEnd(piece.text) == WithoutEnd(found->second.text)) {
      Add(diff, piece.text, false);
    } else {
      AddChanged(diff, piece.text, found->second.text);
    }
    if (found != of_control.end()) of_control.erase(found);
  }
  for (const auto& [key, piece] : of_control) {
    if (!FollowsFromOthers(piece)) diff.missing.push_back(piece.shown_key);
  }
  return diff;
}

}  // namespace grantspec
