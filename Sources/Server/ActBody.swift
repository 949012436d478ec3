import DaybookConfiguration
import Engine
import Events
import Foundation
import Hummingbird
import Replay

/// The body of an operating request: a small JSON object, each member of which is known.
struct ActBody {
    /// A body longer than this is refused.
    static let byteCountMax = 64 << 10
    /// What every act may say.
    private static let common = ["ticket", "reason", "actor"]

    private let values: [[UInt8]: JSONScan.Value]
    /// The body as it came, also of an object within one.
    let bytes: [UInt8]

    /// The body of an act.
    ///
    /// - Parameter members: what it may have besides `ticket`, `reason` and `actor`.
    /// - Throws: `APIError` for a member that is none of these, or stands twice.
    init(_ request: Request, _ members: String...) async throws {
        try await self.init(open: request)
        try check(Self.common + members)
    }

    /// The body of a document, whose reader knows its members, or of a program's report, which may
    /// have more than this build knows.
    ///
    /// - Parameter mayBeList: whether it may be a JSON array instead, which has no members.
    init(
        open request: Request, byteCountMax: Int = ActBody.byteCountMax, mayBeList: Bool = false
    ) async throws {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: byteCountMax)
        } catch {
            throw APIError(
                .contentTooLarge, "invalid",
                "the body is longer than \(byteCountMax) bytes, or was cut off")
        }
        let whole = Array(buffer.readableBytesView)
        bytes = whole
        let first = whole.first { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        if whole.isEmpty || (mayBeList && first == UInt8(ascii: "[")) {
            values = [:]
            return
        }
        values = try Self.reading("the body is not a JSON object that can be taken") {
            () throws(JSONScan.Malformed) in try JSONScan.object(whole)
        }
    }

    /// An object within a body.
    private init(_ object: Range<Int>, of whole: [UInt8], _ members: [String]?) throws {
        bytes = whole
        values = try Self.reading("an object of the body cannot be taken") {
            () throws(JSONScan.Malformed) in try JSONScan.members(whole, of: object)
        }
        if let members { try check(members) }
    }

    private static func reading<Result>(
        _ what: String, _ read: () throws(JSONScan.Malformed) -> Result
    ) throws(APIError) -> Result {
        do throws(JSONScan.Malformed) { return try read() } catch {
            throw APIError(.badRequest, "invalid", "\(what): \(error.description)")
        }
    }

    /// Refuses members that nobody would read: what was meant by them would not be done.
    private func check(_ members: [String]) throws(APIError) {
        let known = Set(members.map { Array($0.utf8) })
        let unknown = values.keys.filter { !known.contains($0) }
        guard let first = unknown.min(by: { $0.lexicographicallyPrecedes($1) }) else { return }
        let name = String(decoding: first.prefix(64), as: UTF8.self)
        let hint =
            NearName.of(name, among: members.sorted()).map { "did you mean '\($0)'?" }
            ?? "known are \(members.sorted().joined(separator: ", "))"
        throw APIError(.badRequest, "invalid", "field '\(name)' is not known here; \(hint)")
    }

    private static func isNot(_ what: String, _ name: String) -> APIError {
        APIError(.badRequest, "invalid", "field '\(name)' must be \(what)")
    }

    /// A member; nil where it is absent, or null.
    private func value(_ name: String) -> JSONScan.Value? {
        let value = values[Array(name.utf8)]
        return value == .null ? nil : value
    }

    /// Whether a member is there, if only as null.
    func has(_ name: String) -> Bool { values[Array(name.utf8)] != nil }

    /// A text field; empty where it is absent.
    func text(_ name: String, byteCountMax: Int = 4_096) throws -> String {
        guard let value = value(name) else { return "" }
        guard let text = Self.text(value) else { throw Self.isNot("text", name) }
        guard text.utf8.count <= byteCountMax else {
            throw APIError(
                .badRequest, "invalid", "field '\(name)' is longer than \(byteCountMax) bytes")
        }
        return text.precomposedStringWithCanonicalMapping
    }

    private static func text(_ value: JSONScan.Value) -> String? {
        guard case .text(let bytes) = value else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Why somebody asks for it; blanks are no reason.
    func reason() throws -> String {
        let reason = try text("reason")
        return reason.allSatisfy(\.isWhitespace) ? "" : reason
    }

    /// A list of texts, sorted; empty where it is absent.
    func texts(_ name: String) throws -> [String] {
        try list(name, of: "texts", Self.text).map(\.precomposedStringWithCanonicalMapping)
            .sorted()
    }

    /// The elements of a list, each as what it must be; empty where it is absent.
    private func list<Element>(
        _ name: String, of what: String, _ element: (JSONScan.Value) -> Element?
    ) throws -> [Element] {
        guard let value = value(name) else { return [] }
        guard case .array(let range) = value else { throw Self.isNot("a list of \(what)", name) }
        let values = try Self.reading("field '\(name)' cannot be taken") {
            () throws(JSONScan.Malformed) in try JSONScan.elements(bytes, of: range)
        }
        return try values.map { value in
            guard let found = element(value) else { throw Self.isNot("a list of \(what)", name) }
            return found
        }
    }

    /// A whole number; nil where it is absent.
    func number(_ name: String) throws -> UInt64? {
        guard let value = value(name) else { return nil }
        guard case .integer(let number) = value, let whole = UInt64(exactly: number) else {
            throw Self.isNot("a whole number", name)
        }
        return whole
    }

    /// A flag; false where it is absent.
    func flag(_ name: String) throws -> Bool {
        guard let value = value(name) else { return false }
        guard case .bool(let flag) = value else { throw Self.isNot("true or false", name) }
        return flag
    }

    /// The objects of a list, each as a body of its own; empty where it is absent.
    ///
    /// - Parameter members: what each may have; nil for anything.
    func objects(_ name: String, _ members: [String]? = nil) throws -> [ActBody] {
        try list(name, of: "objects") { value -> Range<Int>? in
            guard case .object(let range) = value else { return nil }
            return range
        }.map { try ActBody($0, of: bytes, members) }
    }

    /// The objects of a list, each as a body of its own; one at least.
    func objects(_ name: String, _ members: [String], max: Int) throws -> [ActBody] {
        let list = try objects(name, members)
        guard (1...max).contains(list.count) else {
            throw Self.isNot("a list of 1 to \(max) objects", name)
        }
        return list
    }

    /// An object; nil where it is absent.
    func object(_ name: String) throws -> ActBody? {
        guard let value = value(name) else { return nil }
        guard case .object(let range) = value else { throw Self.isNot("an object", name) }
        return try ActBody(range, of: bytes, nil)
    }

    /// A field of the whole body as JSON text; empty where it is absent.
    func json(_ name: String) throws -> String {
        guard has(name) else { return "" }
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        guard let value = object?[name] else { return "" }
        let data = try JSONSerialization.data(
            withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
        guard data.count <= 16 << 10 else {
            throw APIError(.badRequest, "invalid", "field '\(name)' is longer than 16 KiB")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Who asks: the actor that the caller names, the ticket, and the idempotency key.
    func authority(_ request: Request) throws -> Authority {
        let name = try text("actor", byteCountMax: 128)
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard isPlain else {
            throw APIError(
                .badRequest, "invalid", "field 'actor' must be without blanks and controls")
        }
        let key =
            request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value ?? ""
        guard key.utf8.count <= 256 else {
            throw APIError(
                .badRequest, "invalid", "the header Idempotency-Key is longer than 256 bytes")
        }
        return Authority(
            actor: "user:\(name.isEmpty ? "api" : name)",
            ticket: try text("ticket", byteCountMax: 128), request: key)
    }
}
