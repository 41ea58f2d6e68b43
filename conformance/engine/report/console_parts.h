// What the parts of the console output have in common.

#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "conformance/engine/record/record.h"
#include "conformance/engine/report/console.h"

namespace grantspec {

/// What a color stands for.
enum class Tone { kGood, kBad, kWarn, kDim, kStrong, kPlain };

/// A text in the color of a tone, where the style has colors.
std::string In(Tone tone, const std::string& text, const ConsoleStyle& style);

/// The tone of an outcome.
Tone ToneOf(Outcome outcome);

/// The word before a case: "FAIL", "warn" ...
std::string Mark(Outcome outcome);

/// "1.5 s"
std::string Seconds(double value);

/// Text line by line, each after a prefix, cut at so many bytes.
void PrintLines(std::ostream& out, std::string_view text, std::string_view prefix,
                std::size_t bytes_max, const ConsoleStyle& style);

/// A request and its response; with the name of its step where `named`.
void PrintExchange(std::ostream& out, const RecordedExchange& exchange, bool named,
                   const ConsoleStyle& style);

}  // namespace grantspec
