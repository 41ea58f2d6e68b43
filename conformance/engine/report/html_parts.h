// Pieces of the HTML report. Everything of the target goes in as text, escaped.

#pragma once

#include <string>
#include <string_view>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// Text inside an element or an attribute.
std::string HtmlText(std::string_view text);

/// A clause: its id, linked to the section, its level and what it says.
std::string HtmlClause(const Clauses& clauses, const std::string& id);

/// A cause, expandable: clauses, the exchange of its example, its cases, and what can be copied.
std::string HtmlCause(const Cause& cause, const RunRecord& record);

/// A case, expandable: what was expected and received, its exchanges, and what can be copied.
std::string HtmlCase(const RecordedCase& one, const RunRecord& record);

/// A link to a case of this page.
std::string HtmlCaseLink(const std::string& name);

}  // namespace grantspec
