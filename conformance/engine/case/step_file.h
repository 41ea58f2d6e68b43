// Reads the members of a step in a case file: what it sends, and what it expects.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/case.h"

namespace grantspec {

/// The members that a step may have, `name` apart.
const std::vector<std::string_view>& StepMembers();

/// The members of a step, read from an object that may have others. Throws FileError.
StepSpec ReadStep(const JsonValue& value);

/// A step in the list `steps` of a case: nothing but the members of a step, and a name.
StepSpec ReadNamedStep(const JsonValue& value);

/// A text as the bytes that are sent: code points up to U+00FF are one byte each (the Infra
/// Standard's isomorphic encoding). Throws FileError where it has others.
std::string BytesOf(const JsonValue& value, std::string_view what);

/// The members `response`, `never`, `warn` and `info`.
Expectation ReadExpectation(const JsonValue& value);

/// The check of a name. Throws FileError where no check has it.
const Check& CheckNamed(const std::string& name, const SourceLine& where);

}  // namespace grantspec
