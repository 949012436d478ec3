import Engine
import Foundation
import Hummingbird

extension ActBody {
    /// A number from 1; nil where it is absent: null says nothing, and is refused.
    func positive(_ name: String) throws -> UInt64? {
        guard has(name) else { return nil }
        guard let number = try number(name), number > 0 else {
            throw APIError(
                .badRequest, "invalid",
                "field '\(name)' is a number from 1; leave it out for what holds without it")
        }
        return number
    }

    /// The items of an issue, in order, each with what the whole body says of all of them.
    func numberRequests() throws -> [NumberRequest] {
        let file = try text("file", byteCountMax: 256)
        let whole = try ["partner", "type", "sender", "receiver"].map {
            try text($0, byteCountMax: 64)
        }
        return try objects(
            "numbers", ["kind", "count", "group", "sender", "receiver", "partner", "type"],
            max: NumberRequest.itemsMax
        ).map { item in
            let kind = try item.text("kind", byteCountMax: 8)
            guard let kind = NumberRequest.Kind(rawValue: kind) else {
                throw APIError(
                    .badRequest, "invalid", "field 'kind' is ISA, GS or ST, not '\(kind)'")
            }
            func value(_ name: String, _ whole: String) throws -> String {
                let own = try item.text(name, byteCountMax: 64)
                return own.isEmpty ? whole : own
            }
            do {
                return try NumberRequest(
                    kind, sender: Self.identifier(value("sender", whole[2]), "sender"),
                    receiver: Self.identifier(value("receiver", whole[3]), "receiver"),
                    group: item.text("group", byteCountMax: 8),
                    partner: value("partner", whole[0]), transactionType: value("type", whole[1]),
                    file: file, count: item.number("count") ?? 1)
            } catch let rejection as Rejection {
                throw APIError(rejection)
            }
        }
    }

    /// An identifier of an envelope; one that holds what separates elements is refused, before an
    /// allocator is made for it that nobody can use.
    private static func identifier(_ text: String, _ field: String) throws -> String {
        guard !text.utf8.contains(where: { "*~^".utf8.contains($0) }) else {
            throw APIError(
                .badRequest, "invalid",
                "field '\(field)' is an identifier with its qualifier, such as ZZ:US, and holds "
                    + "none of *, ~ and ^")
        }
        return text
    }

    /// Ranges of numbers that were given out.
    func numberRanges() throws -> [IssuedNumbers] {
        try objects(
            "numbers", ["allocator", "first", "count", "generation"], max: 1_000
        ).map { item in
            let name = try item.text("allocator", byteCountMax: 256)
            guard !name.isEmpty, let first = try item.number("first") else {
                throw APIError(
                    .badRequest, "invalid",
                    "each of 'numbers' has 'allocator' and 'first', and may have 'count' and "
                        + "'generation'")
            }
            return IssuedNumbers(
                allocator: name, generation: try item.positive("generation") ?? 0, first: first,
                count: try item.number("count") ?? 1)
        }
    }
}
