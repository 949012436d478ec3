import Engine
import Events
import Timetable

/// A place in the exchange folder: names with `/` between them, below its root.
///
/// Not one leads out of the folder: no name is empty, `.` or `..`, none holds a control character,
/// and none begins as the temporary names do. Two paths are equal where their bytes are.
public struct ExchangePath: Sendable, CustomStringConvertible {
    /// As records have it.
    public let text: String

    /// The most bytes of a path.
    public static let byteCountMax = 1_024
    /// The most bytes of a name; that of a sidecar may have as many more as its suffix.
    public static let nameByteCountMax = 240
    /// The most names of a path.
    public static let depthMax = 16
    /// How the names of files begin that are not finished yet.
    public static let temporaryPrefix = ".daybook-"
    static let sidecarSuffix = ".json"
    static let quarantine = "_quarantine"
    /// Where files of outcomes lie that were not taken: Daybook's copies of what was dropped.
    static let refused = "spool/_refused"

    /// A path, checked.
    ///
    /// The error never repeats the text, which may hold what a sender chose.
    public init(_ text: String) throws(ExchangeError) {
        if let fault = Self.fault(of: text) {
            throw ExchangeError(
                "path", "a path of the exchange folder \(fault). Give one as records have it")
        }
        self.text = text
    }

    private init(unchecked text: String) { self.text = text }

    private static func fault(of text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > byteCountMax { return "has more than \(byteCountMax) bytes" }
        let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if names.count > depthMax { return "has more than \(depthMax) names" }
        for name in names {
            if let fault = nameFault(Substring(name)) { return fault }
        }
        return nil
    }

    private static func nameFault(_ name: Substring) -> String? {
        if name.isEmpty { return "has an empty name, or begins or ends with /" }
        if name.utf8.elementsEqual(".".utf8) || name.utf8.elementsEqual("..".utf8) {
            return "has the name . or .."
        }
        let end = name.utf8.suffix(sidecarSuffix.utf8.count)
        let more = end.elementsEqual(sidecarSuffix.utf8) ? sidecarSuffix.utf8.count : 0
        if name.utf8.count > nameByteCountMax + more {
            return "has a name of more than \(nameByteCountMax) bytes"
        }
        if name.utf8.starts(with: temporaryPrefix.utf8) {
            return "has a name that begins as temporary ones do"
        }
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0 != "\u{FFFD}"
        }
        return isPlain ? nil : "has a name with a control character, or that is not UTF-8"
    }

    /// Its names, the root's first; by bytes, as the system reads them.
    var names: [Substring] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
    }

    /// The last name.
    public var name: String { String(names.last ?? "") }

    /// The path of the folder that it is in; nil where that is the root.
    public var folder: ExchangePath? {
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return ExchangePath(unchecked: String(text[..<end]))
    }

    /// The path of a name in this folder.
    public func appending(_ name: String) throws(ExchangeError) -> ExchangePath {
        try ExchangePath(text + "/" + name)
    }

    /// The path of the file's metadata, which stands beside it.
    public var sidecar: ExchangePath { ExchangePath(unchecked: text + Self.sidecarSuffix) }

    /// Whether others than Daybook write here, whose bytes are taken as they are.
    public var isDropped: Bool { isNamedByOthers && !text.hasPrefix(Self.refused + "/") }

    /// Whether a sender chose the last name, or may have.
    private var isNamedByOthers: Bool { names.first == "inbound" || names.first == "spool" }

    /// For messages and log lines: the path; where a sender chose the last name, without it.
    public var description: String {
        isNamedByOthers ? (folder?.text ?? text) + "/…" : text
    }

    /// The partner whose file it is, by its folder or its name; nil where neither says so.
    public var partner: String? {
        value(of: "partner") ?? (try? OutboundName(parsing: name))?.partner
    }

    /// The day of the file, by its folder or its name; nil where neither says so.
    public var date: CivilDate? {
        if let day = value(of: "date") { return CivilDate(dayText: day) }
        return (try? OutboundName(parsing: name))?.date
    }

    private func value(of key: String) -> String? {
        let prefix = key + "="
        return names.first { $0.utf8.starts(with: prefix.utf8) }.map {
            String(decoding: $0.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        }
    }
}

extension ExchangePath: Comparable, Hashable {
    public static func == (left: ExchangePath, right: ExchangePath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public static func < (left: ExchangePath, right: ExchangePath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

/// How old files are kept.
public enum ExchangeTier: String, Sendable, CaseIterable {
    /// Where they were written.
    case hot
    /// Below `cool/`.
    case cool
    /// Below `archive/`.
    case archive
}

extension ExchangePath {
    /// Where it is kept.
    public var tier: ExchangeTier {
        switch names.first {
        case "cool": .cool
        case "archive": .archive
        default: .hot
        }
    }

    /// The same file's path in a tier.
    public func inTier(_ tier: ExchangeTier) -> ExchangePath {
        let base = self.tier == .hot ? text : names.dropFirst().joined(separator: "/")
        return ExchangePath(unchecked: tier == .hot ? base : tier.rawValue + "/" + base)
    }
}

// The layout.
extension ExchangePath {
    /// Where a partner's files are dropped.
    public static func inbound(partner: String) throws(ExchangeError) -> ExchangePath {
        ExchangePath(unchecked: "inbound/" + (try partnerPart(partner)))
    }

    /// Where a partner's file is kept.
    ///
    /// - Parameters:
    ///   - time: when it came, µs.
    ///   - sha256: of its content, 64 hexadecimal digits in lower case.
    public static func received(
        partner: String, at time: Int64, sha256: String
    ) throws(ExchangeError) -> ExchangePath {
        let folder = "received/" + (try partnerPart(partner)) + "/" + (try datePart(time))
        return ExchangePath(unchecked: folder + "/" + (try digest(sha256)) + ".edi")
    }

    /// Where a received file is set aside.
    public static func receivedQuarantine(
        partner: String, at time: Int64, sha256: String
    ) throws(ExchangeError) -> ExchangePath {
        let folder = "received/\(quarantine)/" + (try partnerPart(partner)) + "/"
        return ExchangePath(
            unchecked: folder + (try datePart(time)) + "/" + (try digest(sha256)) + ".edi")
    }

    /// Where outcomes are kept that came at `time`, µs.
    public static func outcomes(
        at time: Int64, sha256: String
    ) throws(ExchangeError) -> ExchangePath {
        ExchangePath(
            unchecked: "outcomes/" + (try datePart(time)) + "/" + (try digest(sha256)) + ".jsonl")
    }

    /// Where a file of ours is written.
    public static func outbound(_ name: OutboundName) -> ExchangePath {
        ExchangePath(
            unchecked: "outbound/partner=\(name.partner)/transaction=\(name.type.rawValue)/"
                + "date=\(name.date)/\(name)")
    }

    /// Where a file of ours is set aside.
    public static func outboundQuarantine(_ name: OutboundName) -> ExchangePath {
        ExchangePath(unchecked: "outbound/\(quarantine)/\(name)")
    }

    /// Whether a text can name a partner in paths and names: 1 to 64 letters, digits, `-`, `.` and
    /// `_` of ASCII, the first a letter or digit.
    public static func isPartner(_ text: some StringProtocol) -> Bool {
        PartnerDefinition.isName(text)
    }

    private static func partnerPart(_ partner: String) throws(ExchangeError) -> String {
        guard isPartner(partner) else {
            throw ExchangeError(
                "partner",
                "a partner's name is 1 to 64 letters, digits, '-', '.' and '_', the first a letter "
                    + "or digit. Name the partner as the configuration does")
        }
        return "partner=" + partner
    }

    private static func datePart(_ time: Int64) throws(ExchangeError) -> String {
        "date=" + (try ExchangeTime.day(of: time)).description
    }

    private static func digest(_ text: String) throws(ExchangeError) -> String {
        let isDigest =
            text.utf8.count == 64
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard isDigest else {
            throw ExchangeError(
                "path", "a SHA-256 is 64 hexadecimal digits in lower case; this is not one")
        }
        return text
    }
}
