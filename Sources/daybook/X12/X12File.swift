import Engine
import Foundation
import X12

/// A file of interchanges, read in chunks.
enum X12File {
    private static let chunkByteCount = 1 << 20

    /// Reads a file, chunk by chunk.
    static func read(_ path: String, _ body: (Span<UInt8>) -> Void) throws {
        let file = try InputFile.open(path, kind: "file of X12 interchanges")
        while true {
            let data: Data?
            do {
                data = try file.read(upToCount: chunkByteCount)
            } catch {
                throw CommandFailure.no(
                    "\(path) cannot be read to its end (\(InputFile.reason(error))). Copy it anew")
            }
            guard let data, !data.isEmpty else { return }
            body([UInt8](data).span)
        }
    }

    /// What a file is answered with.
    static func check(_ path: String, partners: X12Partners) throws -> [InterchangeResult] {
        var checker = InterchangeChecker(
            partners: partners, library: try GrammarLibrary.standard(),
            isDuplicate: { _ in false })
        try read(path) { checker.consume($0) }
        return checker.finish()
    }

    /// The failure of a file in which no interchange begins.
    static func isNone(_ path: String) -> CommandFailure {
        .no("no interchange begins in \(path). Name a file that begins with an ISA segment")
    }
}

/// The segments that a parser gives, as lines.
struct X12Lines: X12Sink {
    let hasValues: Bool
    private(set) var lines: [String] = []
    /// How many interchanges began.
    private(set) var interchangeCount = 0
    private var separator = "*"

    init(hasValues: Bool) { self.hasValues = hasValues }

    mutating func begin(_ header: InterchangeHeader) {
        separator = String(decoding: [header.delimiters.element], as: UTF8.self)
        interchangeCount += 1
        lines.append("byte \(header.offset)  ISA  \(X12Findings.number(header.controlNumber))")
    }

    mutating func segment(_ segment: borrowing X12Segment) {
        let id = segment.text(0)
        // What is no id may be a piece of content, where the separators are not the declared ones.
        let shown = hasValues || X12Findings.isSegmentID(id) ? id : X12Findings.unknown
        var line = "byte \(segment.offset)  segment \(segment.number)  \(shown)"
        if hasValues {
            for element in 1..<max(segment.elementCount, 1) {
                line += separator + segment.text(element)
            }
        } else {
            line += "  \(Words.count(segment.elementCount - 1, "element"))"
        }
        lines.append(line)
    }

    mutating func end(_ end: InterchangeEnd) {
        if end != .trailer { lines.append("the interchange has no trailer") }
    }

    mutating func unreadable(offset: Int) {
        lines.append("byte \(offset)  no interchange begins here; the rest is not read")
    }
}

/// What is wrong with interchanges, in words without values.
///
/// Codes are shown where the standard has them, and control numbers where they are numbers: a
/// malformed file may have anything in their places.
enum X12Findings {
    /// Stands for a code that is none, and a control number that is no number.
    static let unknown = "unknown"

    private static let functionalIDs = Set(TransactionType.allCases.compactMap(\.functionalID))
    private static let setIDs = Set(TransactionType.allCases.compactMap(\.setID))

    /// A control number, where it is one.
    static func number(_ text: String) -> String {
        let isNumber =
            (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
        return isNumber ? text : unknown
    }

    /// Whether a text is built as the id of a segment is.
    static func isSegmentID(_ text: String) -> Bool {
        (2...3).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    }

    /// Whether there are more interchanges than the engine answers in one file.
    private static func areTooMany(_ results: [InterchangeResult]) -> Bool {
        results.count { $0.header != nil } > ReceivedFile.interchangesMax
    }

    /// Whether everything was accepted.
    static func areGood(_ results: [InterchangeResult]) -> Bool {
        !results.isEmpty && !areTooMany(results)
            && results.allSatisfy { result in
                result.fault == nil && (result.groups ?? []).allSatisfy { $0.code == "A" }
            }
    }

    /// A line for each interchange, group, set and finding.
    static func lines(_ results: [InterchangeResult]) -> [String] {
        if results.isEmpty { return ["the file is empty: it holds no interchange"] }
        var remarks: [String] = []
        if areTooMany(results) {
            remarks.append(
                "\(results.count { $0.header != nil }) interchanges: the engine answers at most "
                    + "\(ReceivedFile.interchangesMax) in one file and sets this one aside "
                    + "(tooManyInterchanges); split it")
        }
        return remarks + results.flatMap(lines)
    }

    private static func lines(_ result: InterchangeResult) -> [String] {
        guard let header = result.header else {
            return ["byte \(result.fault?.offset ?? 0): no interchange begins here"]
        }
        let name = "interchange \(number(header.controlNumber))"
        if let fault = result.fault {
            let element = fault.element.map { ", ISA\(InterchangeText.twoDigits($0))" } ?? ""
            return [
                "\(name): rejected, TA105 \(fault.note), at byte \(fault.offset), segment "
                    + "\(fault.segment)\(element)"
            ]
        }
        return ["\(name): accepted"] + (result.groups ?? []).flatMap(lines)
    }

    private static func lines(_ group: GroupResult) -> [String] {
        let errors = group.errors.isEmpty ? "" : ", AK905 \(group.errors.joined(separator: " "))"
        let id = functionalIDs.contains(group.functionalID) ? group.functionalID : unknown
        let name = "group \(id) \(number(group.controlNumber))"
        let own =
            "  \(name): \(group.code), \(group.accepted) of "
            + "\(Words.count(group.received, "set")) accepted"
            + errors
        return [own] + group.sets.filter { $0.code != "A" }.flatMap(lines)
    }

    private static func lines(_ set: SetResult) -> [String] {
        let codes = set.errors.joined(separator: " ")
        let id = setIDs.contains(set.setID) ? set.setID : unknown
        var lines = ["    set \(id) \(number(set.controlNumber)): \(set.code), IK502 \(codes)"]
        for issue in set.issues {
            let loop = issue.loop.map { " in loop \($0)" } ?? ""
            // IK304 1: no such segment.
            let id = issue.code == "1" ? unknown : issue.segmentID
            lines.append(
                "      byte \(issue.offset), segment \(issue.position), \(id)\(loop): "
                    + "IK304 \(issue.code)")
            for element in issue.elements {
                let component = element.component.map { "-\($0)" } ?? ""
                lines.append(
                    "        element \(element.position)\(component), number "
                        + "\(element.reference): IK403 \(element.code)")
            }
        }
        if set.droppedIssueCount > 0 {
            lines.append("      and \(Words.count(set.droppedIssueCount, "more segment")) in error")
        }
        return lines
    }

    /// The segments of the TA1 and the 999s, without envelopes.
    static func answers(_ results: [InterchangeResult]) -> [String] {
        results.flatMap { result -> [String] in
            let ta1 = result.ta1.map {
                [["TA1", $0.controlNumber, $0.date, $0.time, $0.code, $0.note]]
            }
            let sets = (result.groups ?? []).flatMap { $0.acknowledgment().segments }
            return ((ta1 ?? []) + sets).map { segment in
                segment.joined(separator: "*").replacing(SetContent.componentMark, with: ":")
            }
        }
    }
}

/// Small pieces of text.
enum InterchangeText {
    /// A number of two digits, as element numbers are written.
    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
