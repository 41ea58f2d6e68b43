#include <array>
#include <cstdio>
#include <map>

#include "conformance/report/report.h"
#include "conformance/report/text.h"

namespace grantspec {
namespace {

std::string Seconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + XmlText(value) + "\"";
}

bool IsSkipped(Outcome outcome) {
  return outcome == Outcome::kNotApplicable || outcome == Outcome::kInconclusive ||
         outcome == Outcome::kWaived;
}

// Lines as text has them: a report is no wire.
std::string Lines(std::string text) {
  std::erase(text, '\r');
  return text;
}

std::string BodyOf(const RecordedCase& one) {
  std::string text = "expected: " + one.verdict.expected + "\n  actual: " + one.verdict.actual;
  if (!one.verdict.why.empty()) text += "\n     why: " + one.verdict.why;
  for (const std::string& clause : one.spec->clauses) text += "\n  clause: " + clause;
  for (const RecordedExchange& exchange : one.exchanges) {
    text += "\n\n" + Lines(exchange.request.substr(0, 4096)) + "\n\n";
    if (!exchange.has_response) {
      text += exchange.transport;
      continue;
    }
    text += exchange.status_line + "\n";
    for (const auto& [name, value] : exchange.fields) text += name + ": " + value + "\n";
    text += "\n" + exchange.content.substr(0, 4096);
  }
  return text + "\n\nagain: " + one.reproduce;
}

}  // namespace

std::string JunitReport(const RunRecord& record) {
  std::map<std::string, std::vector<const RecordedCase*>> suites;
  for (const RecordedCase& one : record.cases) suites[one.spec->category].push_back(&one);
  const auto count = record.Count();
  const auto number = [&count](Outcome outcome) {
    const auto found = count.find(outcome);
    return found == count.end() ? std::size_t{0} : found->second;
  };
  const std::size_t errors = record.message.empty() ? 0 : 1;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"grantspec\"";
  out += Attribute("tests", std::to_string(record.cases.size() + errors)) +
         Attribute("failures", std::to_string(number(Outcome::kFail))) +
         Attribute("errors", std::to_string(errors)) + Attribute("time", Seconds(record.seconds)) +
         ">\n";
  if (errors > 0) {
    out += "  <testsuite name=\"preflight\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\"" +
           Attribute("timestamp", record.started.substr(0, 19)) + " time=\"0\">\n" +
           "    <testcase name=\"control\" classname=\"preflight\" time=\"0\">\n      <error" +
           Attribute("message", record.message) + "/>\n    </testcase>\n  </testsuite>\n";
  }
  for (const auto& [name, cases] : suites) {
    std::size_t failures = 0, skipped = 0;
    double seconds = 0;
    for (const RecordedCase* one : cases) {
      failures += one->verdict.outcome == Outcome::kFail ? 1 : 0;
      skipped += IsSkipped(one->verdict.outcome) ? 1 : 0;
      seconds += one->seconds;
    }
    out += "  <testsuite" + Attribute("name", name) +
           Attribute("tests", std::to_string(cases.size())) +
           Attribute("failures", std::to_string(failures)) + " errors=\"0\"" +
           Attribute("skipped", std::to_string(skipped)) +
           Attribute("timestamp", record.started.substr(0, 19)) +
           Attribute("time", Seconds(seconds)) + ">\n";
    for (const RecordedCase* one : cases) {
      out += "    <testcase" + Attribute("name", one->spec->id) + Attribute("classname", name) +
             Attribute("time", Seconds(one->seconds));
      if (one->verdict.outcome == Outcome::kPass) {
        out += "/>\n";
        continue;
      }
      out += ">\n";
      if (one->verdict.outcome == Outcome::kFail) {
        out += "      <failure" +
               Attribute("message",
                         "expected " + one->verdict.expected + ", got " + one->verdict.actual) +
               Attribute("type", one->spec->clauses.front()) + ">" + XmlText(BodyOf(*one)) +
               "</failure>\n";
      } else if (IsSkipped(one->verdict.outcome)) {
        const std::string reason =
            one->waiver.empty() ? one->verdict.why : "waived: " + one->waiver;
        // Text, not an attribute: of the published schemas the older ones allow text only.
        out += "      <skipped>" +
               XmlText(std::string(ToString(one->verdict.outcome)) + ": " + reason) +
               "</skipped>\n";
      } else {
        out += "      <system-out>" +
               XmlText(std::string(ToString(one->verdict.outcome)) + ": " + BodyOf(*one)) +
               "</system-out>\n";
      }
      out += "    </testcase>\n";
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace grantspec
