// The exchange of a cause as an HTTP Archive (HAR 1.2), which browsers and proxies open.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

// The first `count` words of a line; what is missing is empty.
std::vector<std::string> WordsOf(std::string_view line, std::size_t count) {
  std::vector<std::string> words;
  while (words.size() + 1 < count) {
    const std::size_t space = line.find(' ');
    words.push_back(Printable(line.substr(0, space)));
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  words.push_back(Printable(line));
  return words;
}

// A request as far as it has the form of one; the bytes of a malformed one are in the comment.
ordered_json RequestOf(const RecordedExchange& exchange, const std::string& url) {
  std::string_view rest = exchange.request;
  const auto line = WordsOf(NextLine(rest), 3);
  ordered_json headers = ordered_json::array();
  std::string type, host;
  while (!rest.empty()) {
    const std::string_view field = NextLine(rest);
    if (field.empty()) break;
    const std::size_t colon = field.find(':');
    const std::string name = Printable(field.substr(0, colon));
    const std::string value =
        colon == std::string_view::npos ? "" : Printable(TrimOws(field.substr(colon + 1)));
    if (EqualsFolded(name, "Content-Type")) type = value;
    if (EqualsFolded(name, "Host")) host = value;
    headers.push_back({{"name", name}, {"value", value}});
  }
  const std::string scheme = url.substr(0, url.find("://"));
  const std::string origin = line[1].starts_with('/') ? scheme + "://" + host : "";
  ordered_json request = {{"method", line[0]},
                          {"url", origin + line[1]},
                          {"httpVersion", line[2]},
                          {"cookies", ordered_json::array()},
                          {"headers", std::move(headers)},
                          {"queryString", ordered_json::array()},
                          {"headersSize", -1},
                          {"bodySize", rest.size()}};
  if (!rest.empty()) request["postData"] = {{"mimeType", type}, {"text", Printable(rest, true)}};
  request["comment"] = Printable(exchange.request, true);
  return request;
}

// Without a response its status is 0, as browsers write it.
ordered_json ResponseOf(const RecordedExchange& exchange) {
  const auto line = WordsOf(exchange.status_line, 3);
  ordered_json headers = ordered_json::array();
  std::string type, location;
  for (const auto& [name, value] : exchange.fields) {
    if (EqualsFolded(name, "Content-Type")) type = Printable(value);
    if (EqualsFolded(name, "Location")) location = Printable(value);
    headers.push_back({{"name", Printable(name)}, {"value", Printable(value)}});
  }
  ordered_json response = {{"status", exchange.has_response ? std::atoi(line[1].c_str()) : 0},
                           {"statusText", line[2]},
                           {"httpVersion", line[0]},
                           {"cookies", ordered_json::array()},
                           {"headers", std::move(headers)},
                           {"content",
                            {{"size", exchange.content.size()},
                             {"mimeType", type},
                             {"text", Printable(exchange.content, true)}}},
                           {"redirectURL", location},
                           {"headersSize", -1},
                           {"bodySize", -1}};
  const std::string end = exchange.has_response ? exchange.end : exchange.transport;
  if (!end.empty()) response["comment"] = Printable(end);
  return response;
}

}  // namespace

std::string HarReport(const Cause& cause, const RunRecord& record) {
  ordered_json entries = ordered_json::array();
  if (const RecordedExchange* exchange = ShownExchange(cause, record)) {
    entries.push_back({{"startedDateTime", record.started},
                       {"time", 0},
                       {"request", RequestOf(*exchange, record.url)},
                       {"response", ResponseOf(*exchange)},
                       {"cache", ordered_json::object()},
                       {"timings", {{"send", 0}, {"wait", 0}, {"receive", 0}}},
                       {"comment", "cause " + cause.id + ": " + Printable(cause.title)}});
  }
  const ordered_json log = {{"version", "1.2"},
                            {"creator", {{"name", "grantspec"}, {"version", record.suite_version}}},
                            {"entries", std::move(entries)}};
  return ordered_json{{"log", log}}.dump(2) + "\n";
}

void WriteHars(const std::string& folder, const RunRecord& record) {
  for (const Cause& cause : record.causes) {
    if (cause.severity == Outcome::kWaived) continue;
    WriteAtomically((std::filesystem::path(folder) / (cause.id + ".har")).string(),
                    HarReport(cause, record));
  }
}

}  // namespace grantspec
