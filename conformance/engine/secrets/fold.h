// Folds text so that the many ways of writing one value become alike.
//
// A fold is a pure function. It keeps, for each byte that it produces, the range of the original
// that the byte stands for; folds compose, and what is found in a folded text is replaced in the
// original. Time and memory are linear: at most 9 bytes are kept for each byte of a folded text.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace grantspec {

/// A folded text: byte i stands for the bytes [begin[i], end[i]) of the original.
struct FoldedText {
  std::string text;
  std::vector<std::uint32_t> begin, end;

  /// Appends one byte that stands for a range of the original.
  void Add(char byte, std::size_t from, std::size_t to);

  /// Appends bytes that stand for one range together.
  void Add(std::string_view bytes, std::size_t from, std::size_t to);
};

/// The text as it is, each byte standing for itself. Texts of 4 GiB and more are cut.
FoldedText Unfolded(std::string_view text);

/// Reads each escape once: `%41`, `%u0041`, `\u0041`, `\u{41}`, `\x41`, `\101`, `\/`, `\"`, `\n`,
/// `&#65;`, `&#x41;`, `&amp;`. Escapes of escapes need as many calls as there are layers.
///
///     Unescaped(Unfolded("a%2541")).text             // "a%41"
///     Unescaped(Unfolded("&quot;\\u0041&#66;")).text  // "\"AB"
FoldedText Unescaped(const FoldedText& text);

/// Joins the lines of quoted-printable (RFC 2045 section 6.7) and reads nothing else of it: `=`
/// before white space. In `code=4f1...` the first digits are of the value, not `=4f`.
FoldedText WithoutSoftBreaks(const FoldedText& text);

/// Reads quoted-printable: `=41`, and `=` before white space.
FoldedText UnquotedPrintable(const FoldedText& text);

/// Text without what differs between writings of the same letters: lower case; white space, line
/// breaks, controls, quotes, backslashes, `+` and invisible characters dropped; Latin letters
/// without their marks, whether composed, decomposed or in Latin-1.
///
///     Letters(Unfolded("G\xC3\xA4'' x")).text  // "gax"
FoldedText Letters(const FoldedText& text);

/// The same, but each run of question marks and of characters outside US-ASCII is one `?`: how a
/// server shows them that has read them in a wrong character set, or cannot show them.
FoldedText AsciiLetters(const FoldedText& text);

/// The symbols of base64 and base64url alone: lower case, `-` and `_` read as `+` and `/`.
FoldedText Base64Symbols(const FoldedText& text);

/// The hexadecimal digits alone, in lower case; `0x` before a pair of them is no digit.
///
///     HexDigits(Unfolded("0x67, 0X58:1f")).text  // "67581f"
FoldedText HexDigits(const FoldedText& text);

/// The decimal numbers alone, without leading zeros, each between commas.
///
///     Numbers(Unfolded("[103, 088]")).text  // ",103,88,"
FoldedText Numbers(const FoldedText& text);

/// The code point at `at`: of well-formed UTF-8, or else the single byte as Latin-1.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 1;  // in bytes
  bool is_utf8 = true;
};
CodePoint CodePointAt(std::string_view text, std::size_t at);

/// Appends a code point as UTF-8; what is no scalar value is left out.
void AppendUtf8(std::string& text, std::uint32_t code_point);

/// White space of Unicode, and what else is taken for it or is not seen: U+0085, U+180E, U+200B to
/// U+200F, U+2060 to U+206F, U+FEFF, the soft hyphen, variation selectors.
bool IsBlank(std::uint32_t code_point);

/// Code points that are not shown, or change how the text around them is shown.
bool IsInvisible(std::uint32_t code_point);

}  // namespace grantspec
