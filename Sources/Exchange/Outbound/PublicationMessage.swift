import Events
import Projections

/// What those who deliver files are told of one: where it is, and how it is known.
///
/// Nothing of its content.
package struct PublicationMessage: Sendable, Equatable {
    /// The file's id, by which a message that comes twice is known.
    package let file: UInt64
    /// The message, JSON: the same for the same file.
    package let json: String

    package init(_ file: OutboundFileState) {
        self.file = file.file
        let numbers = ControlNumberTexts(file)
        var control = JSONText()
        control.member("isa13", text: numbers.interchange)
        control.member(
            "gs06", json: "[" + numbers.groups.map(JSONText.quoted).joined(separator: ",") + "]")
        if let first = numbers.sets.first, let last = numbers.sets.last {
            var sets = JSONText()
            sets.member("first", text: first)
            sets.member("last", text: last)
            control.member("st02", json: sets.object)
        }
        var text = JSONText()
        text.member("event", text: "outbound-ready")
        text.member("fileId", json: String(file.file))
        text.member("partner", text: file.partner)
        text.member("transactionType", text: file.transactionType)
        text.member("path", text: file.path)
        text.member("controlNumbers", json: control.object)
        text.member("created", text: UTCText.of(microseconds: file.acquiredAt))
        text.member("sha256", text: file.sha256)
        text.member("byteCount", json: String(file.byteCount))
        json = text.object
    }
}
