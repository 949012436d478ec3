import Foundation

/// A message of RFC 5322: a plain text of UTF-8, in Base64.
///
/// Nothing that it is made of can add a header: the subject is one line of printable characters or
/// is encoded, addresses are checked, and the body is Base64, so it can hold neither a line that
/// ends the message nor one that is too long.
struct MailMessage: Sendable {
    /// The message with CRLF line ends.
    let text: String

    /// Makes a message; nil where an address cannot stand in a header.
    ///
    /// - Parameters:
    ///   - id: what makes its identity (`Message-ID`), the same when it is sent again.
    ///   - date: seconds since 1970.
    init?(
        from: String, to: String, subject: String, body: String, id: String, date: Int64
    ) {
        guard Self.isAddress(from), Self.isAddress(to) else { return nil }
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let identity = id.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            return isPlain ? String(UnicodeScalar(byte)) : "_"
        }.joined()
        let headers = [
            "From: Daybook <\(from)>", "To: <\(to)>",
            "Subject: \(Self.encoded(NotificationMessage.line(subject)))",
            "Date: \(Self.date(date))", "Message-ID: <\(identity)@\(domain)>",
            // RFC 3834: nobody's absence is to answer it.
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
        ]
        let base64 = Data(body.utf8).base64EncodedString(
            options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
        text = headers.joined(separator: "\r\n") + "\r\n\r\n" + base64 + "\r\n"
    }

    /// Whether a text is one address that needs no quotes: printable ASCII, one `@`, and none of
    /// the characters that mean something in a header or in an envelope.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), text.utf8.count <= 254 else {
            return false
        }
        let special = Set("\"(),:;<>[\\]".utf8)
        return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !special.contains($0) }
    }

    /// A header's text: as it is where it is ASCII and short, else in words of RFC 2047, each of
    /// whole characters, on lines of at most 76.
    static func encoded(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !text.contains("=?")
        if isPlain && text.utf8.count <= 900 { return text }
        var words: [String] = []
        var bytes: [UInt8] = []
        // 76 less `Subject: `, `=?utf-8?B?` and `?=`: 52 characters of Base64, 39 bytes.
        for character in text.unicodeScalars {
            let next = Array(String(character).utf8)
            if bytes.count + next.count > 39 {
                words.append(Data(bytes).base64EncodedString())
                bytes = []
            }
            bytes += next
        }
        words.append(Data(bytes).base64EncodedString())
        return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\r\n ")
    }

    /// A moment as RFC 5322 writes it, in UTC.
    static func date(_ seconds: Int64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSince1970: Double(seconds))) + " +0000"
    }
}
