import Foundation
import X12

/// A file of interchanges, read in chunks.
enum X12File {
    private static let chunkByteCount = 1 << 20

    /// Reads a file, chunk by chunk.
    static func read(_ path: String, _ body: (Span<UInt8>) -> Void) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure.misuse("\(path) cannot be read; name a file of X12 interchanges")
        }
        while let data = try file.read(upToCount: chunkByteCount), !data.isEmpty {
            body([UInt8](data).span)
        }
        try file.close()
    }

    /// What a file is answered with.
    static func check(_ path: String, partners: X12Partners) throws -> [InterchangeResult] {
        var checker = InterchangeChecker(
            partners: partners, library: try GrammarLibrary.standard(),
            isDuplicate: { _ in false })
        try read(path) { checker.consume($0) }
        return checker.finish()
    }
}

/// The segments that a parser gives, as lines.
struct X12Lines: X12Sink {
    let hasValues: Bool
    private(set) var lines: [String] = []
    private var separator = "*"

    init(hasValues: Bool) { self.hasValues = hasValues }

    mutating func begin(_ header: InterchangeHeader) {
        separator = String(decoding: [header.delimiters.element], as: UTF8.self)
        lines.append("byte \(header.offset)  ISA  \(header.controlNumber)")
    }

    mutating func segment(_ segment: borrowing X12Segment) {
        var line = "byte \(segment.offset)  segment \(segment.number)  \(segment.text(0))"
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
enum X12Findings {
    /// Whether everything was accepted.
    static func areGood(_ results: [InterchangeResult]) -> Bool {
        !results.isEmpty
            && results.allSatisfy { result in
                result.fault == nil && (result.groups ?? []).allSatisfy { $0.code == "A" }
            }
    }

    /// A line for each interchange, group, set and finding.
    static func lines(_ results: [InterchangeResult]) -> [String] {
        if results.isEmpty { return ["the file is empty: it holds no interchange"] }
        return results.flatMap { result -> [String] in
            guard let header = result.header else {
                return ["byte \(result.fault?.offset ?? 0): no interchange begins here"]
            }
            let name = "interchange \(header.controlNumber)"
            if let fault = result.fault {
                let element = fault.element.map { ", ISA\(InterchangeText.twoDigits($0))" } ?? ""
                return [
                    "\(name): rejected, TA105 \(fault.note), at byte \(fault.offset), segment "
                        + "\(fault.segment)\(element)"
                ]
            }
            return ["\(name): accepted"] + (result.groups ?? []).flatMap(lines)
        }
    }

    private static func lines(_ group: GroupResult) -> [String] {
        let errors = group.errors.isEmpty ? "" : ", AK905 \(group.errors.joined(separator: " "))"
        let name = "group \(group.functionalID) \(group.controlNumber)"
        let own =
            "  \(name): \(group.code), \(group.accepted) of "
            + "\(Words.count(group.received, "set")) accepted"
            + errors
        return [own] + group.sets.filter { $0.code != "A" }.flatMap(lines)
    }

    private static func lines(_ set: SetResult) -> [String] {
        let codes = set.errors.joined(separator: " ")
        var lines = ["    set \(set.setID) \(set.controlNumber): \(set.code), IK502 \(codes)"]
        for issue in set.issues {
            let loop = issue.loop.map { " in loop \($0)" } ?? ""
            lines.append(
                "      byte \(issue.offset), segment \(issue.position), \(issue.segmentID)\(loop): "
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
