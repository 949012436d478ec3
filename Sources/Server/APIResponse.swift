import Engine
import Events
import Foundation
import Hummingbird

/// An answer that is an error: its code, and a sentence that names the field or the remedy.
struct APIError: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    let code: String
    let message: String

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    init(_ rejection: Rejection) {
        let status: HTTPResponse.Status =
            switch rejection.code {
            case .notFound: .notFound
            case .conflict, .rolloverRequired: .conflict
            case .invalid: .badRequest
            case .stopping: .serviceUnavailable
            case .diskFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
            }
        self.init(status, rejection.code.rawValue, rejection.message)
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        .json(
            "{\"error\":{\"code\":\(JSONText.quoted(code)),"
                + "\"message\":\(JSONText.quoted(message))}}", status: status)
    }
}

extension Response {
    /// A JSON answer.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}

/// The body of an operating request: a small JSON object.
struct ActBody {
    /// A body longer than this is refused.
    static let byteCountMax = 64 << 10

    private let values: [String: Any]
    /// The body as it came; none of an object within one.
    let bytes: [UInt8]

    private init(values: [String: Any]) {
        self.values = values
        bytes = []
    }

    /// - Parameter mayBeList: whether it may be a JSON array instead, which has no members.
    init(
        _ request: Request, byteCountMax: Int = ActBody.byteCountMax, mayBeList: Bool = false
    ) async throws {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: byteCountMax)
        } catch {
            throw APIError(
                .contentTooLarge, "invalid",
                "the body is longer than \(byteCountMax) bytes, or was cut off")
        }
        bytes = Array(buffer.readableBytesView)
        let first = bytes.first { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        if buffer.readableBytes == 0 || (mayBeList && first == UInt8(ascii: "[")) {
            values = [:]
            return
        }
        let data = Data(buffer: buffer)
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw APIError(.badRequest, "invalid", "the body is not a JSON object")
        }
        values = object
    }

    /// A text field; empty where it is absent.
    func text(_ name: String, byteCountMax: Int = 4_096) throws -> String {
        guard let value = values[name], !(value is NSNull) else { return "" }
        guard let text = value as? String else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be text")
        }
        guard text.utf8.count <= byteCountMax else {
            throw APIError(
                .badRequest, "invalid", "field '\(name)' is longer than \(byteCountMax) bytes")
        }
        return text.precomposedStringWithCanonicalMapping
    }

    /// The objects of a list, each as a body of its own; one at least.
    func objects(_ name: String, max: Int) throws -> [ActBody] {
        let list = try objects(name)
        guard (1...max).contains(list.count) else {
            throw APIError(
                .badRequest, "invalid", "field '\(name)' must be a list of 1 to \(max) objects")
        }
        return list
    }

    /// A list of texts; empty where it is absent.
    func texts(_ name: String) throws -> [String] {
        guard let value = values[name], !(value is NSNull) else { return [] }
        guard let texts = value as? [String] else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be a list of texts")
        }
        return texts.map(\.precomposedStringWithCanonicalMapping).sorted()
    }

    /// A whole number; nil where it is absent.
    func count(_ name: String) throws -> UInt64? {
        guard let value = values[name], !(value is NSNull) else { return nil }
        guard let number = value as? NSNumber, let count = UInt64(exactly: number.doubleValue)
        else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be a whole number")
        }
        return count
    }

    /// A flag; false where it is absent.
    func flag(_ name: String) throws -> Bool {
        guard let value = values[name], !(value is NSNull) else { return false }
        guard let flag = value as? Bool else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be true or false")
        }
        return flag
    }

    /// A list of objects; empty where it is absent.
    func objects(_ name: String) throws -> [ActBody] {
        guard let value = values[name], !(value is NSNull) else { return [] }
        guard let objects = value as? [[String: Any]] else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be a list of objects")
        }
        return objects.map { ActBody(values: $0) }
    }

    /// An object; nil where it is absent.
    func object(_ name: String) throws -> ActBody? {
        guard let value = values[name], !(value is NSNull) else { return nil }
        guard let object = value as? [String: Any] else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be an object")
        }
        return ActBody(values: object)
    }

    /// A whole number; nil where it is absent.
    func number(_ name: String) throws -> UInt64? {
        guard let value = values[name], !(value is NSNull) else { return nil }
        guard let number = value as? NSNumber, let whole = UInt64(exactly: number.doubleValue)
        else {
            throw APIError(.badRequest, "invalid", "field '\(name)' must be a whole number")
        }
        return whole
    }

    /// A field as JSON text; empty where it is absent.
    func json(_ name: String) throws -> String {
        guard let value = values[name] else { return "" }
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
