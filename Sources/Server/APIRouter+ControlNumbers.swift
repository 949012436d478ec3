import Engine
import Events
import Hummingbird
import Projections

/// Control numbers: given out, what became of them, and what is missing.
extension APIRouter {
    /// More gaps are not given at once.
    private static let gapsMax = 100_000
    /// How many days back gaps are looked for, where nobody says.
    private static let daysDefault: UInt64 = 30

    func addControlNumbers(_ group: RouterGroup<BasicRequestContext>) {
        group.post("control-numbers") { request, _ in
            let body = try await ActBody(
                request, "numbers", "file", "partner", "type", "sender", "receiver")
            return try await control(
                .issue(body.numberRequests(), body.authority(request)))
        }
        group.post("control-numbers/persisted") { request, _ in
            let body = try await ActBody(request, "numbers", "file")
            return try await control(
                .persist(
                    body.numberRanges(), file: body.text("file", byteCountMax: 256),
                    body.authority(request)))
        }
        group.post("control-numbers/failed") { request, _ in
            let body = try await ActBody(request, "numbers")
            return try await control(
                .fail(
                    body.numberRanges(), reason: body.reason(), body.authority(request)))
        }
        group.post("control-numbers/explained") { request, _ in
            let body = try await ActBody(request, "numbers")
            return try await control(
                .explain(
                    body.numberRanges(), reason: body.reason(), body.authority(request)))
        }
        group.post("control-numbers/reset") { request, _ in
            let body = try await ActBody(request, "allocator", "next")
            return try await control(
                .reset(
                    allocator: body.text("allocator", byteCountMax: 256),
                    next: body.positive("next") ?? 0, reason: body.reason(),
                    body.authority(request)))
        }
        group.post("control-numbers/resend") { request, _ in
            let body = try await ActBody(request, "numbers", "file")
            return try await control(
                .resend(
                    body.numberRanges(), file: body.text("file", byteCountMax: 256),
                    reason: body.reason(), body.authority(request)))
        }
        group.get("control-numbers") { request, _ in try await allocators(request) }
        group.get("control-numbers/gaps") { request, _ in try await gaps(request) }
        group.get("control-numbers/usage") { request, _ in try await usage(request) }
    }

    /// Gives a command to the engine; the answer holds the numbers that it gave out.
    private func control(_ command: ControlNumberCommand) async throws -> Response {
        do {
            let reply = try await runtime.submit(.control(command, tenant: "default"))
            var text = JSONText()
            text.member("message", text: Self.message(reply))
            if let sequence = reply.sequence { text.member("sequence", json: String(sequence)) }
            if !reply.numbers.isEmpty {
                let numbers = reply.numbers.map(Self.json).joined(separator: ",")
                text.member("numbers", json: "[\(numbers)]")
            }
            return .json(text.object)
        } catch let rejection as Rejection {
            throw APIError(rejection)
        } catch let error as EngineUnavailable {
            throw APIError(.serviceUnavailable, "unavailable", error.description)
        }
    }

    private static func message(_ reply: Reply) -> String {
        if !reply.message.isEmpty { return reply.message }
        return reply.numbers.map { range in
            let end = range.count > 1 ? " to \(range.first + range.count - 1)" : ""
            return "\(range.allocator): \(range.first)\(end)"
        }.joined(separator: ", ")
    }

    private static func json(_ range: IssuedNumbers) -> String {
        "{\"item\":\(range.item),\"allocator\":\(JSONText.quoted(range.allocator)),"
            + "\"generation\":\(range.generation),\"first\":\(range.first),"
            + "\"count\":\(range.count)}"
    }

    // MARK: looked at

    /// The maps of control numbers, to be looked through off the engine's thread.
    private func numbers() async throws -> ControlNumbers { try await look { $0.control } }

    /// What a query says of partner and type.
    private func filter(_ request: Request) -> (partner: String, type: String) {
        (
            String(request.uri.queryParameters.get("partner") ?? ""),
            String(request.uri.queryParameters.get("type") ?? "")
        )
    }

    private func allocators(_ request: Request) async throws -> Response {
        let limit = try limit(request, default: Self.limitMax)
        let (partner, type) = filter(request)
        let found = try await numbers().allocators(partner: partner, transactionType: type)
        let items = found.prefix(limit).map { allocator -> String in
            let rule = settings.controlNumbers.of(allocator.name)
            var text = JSONText()
            text.append(allocator)
            text.member("max", json: String(rule.max))
            text.member("wraps", json: String(rule.wraps))
            return text.object
        }
        return .json(
            "{\"allocators\":[\(items.joined(separator: ","))],\"total\":\(found.count)}")
    }

    /// How much of each allocator's numbers is used, and how long the rest lasts.
    private func usage(_ request: Request) async throws -> Response {
        let limit = try limit(request, default: Self.limitMax)
        let (partner, type) = filter(request)
        let now = now()
        let found = try await numbers().allocators(partner: partner, transactionType: type)
        let items = found.map { allocator -> (left: UInt64, json: String) in
            let rule = settings.controlNumbers.of(allocator.name)
            let last = allocator.next - 1
            let remaining = rule.max > last ? rule.max - last : 0
            let perDay = allocator.perDay(now: now)
            let daysLeft = perDay == 0 ? nil : remaining / perDay
            var text = JSONText()
            text.member("allocator", text: allocator.name)
            text.member("generation", json: String(allocator.generation))
            text.member("last", json: String(last))
            text.member("max", json: String(rule.max))
            text.member("remaining", json: String(remaining))
            let used = ControlNumberRules.used(last, from: rule.start)
            let all = ControlNumberRules.used(rule.max, from: rule.start)
            text.member("percent", json: String(used * 100 / max(all, 1)))
            text.member("perDay", json: String(perDay))
            text.member("daysLeft", json: daysLeft.map(String.init) ?? "null")
            text.member("wraps", json: String(rule.wraps))
            let days = allocator.days.map { JSONText.of($0) }.joined(separator: ",")
            text.member("days", json: "[\(days)]")
            return (daysLeft ?? .max, text.object)
        }
        let soonest = items.enumerated().sorted {
            ($0.element.left, $0.offset) < ($1.element.left, $1.offset)
        }
        return .list("usage", soonest.prefix(limit).map(\.element.json))
    }

    private func gaps(_ request: Request) async throws -> Response {
        let now = now()
        var query = ControlGapQuery(
            now: now, persistWithin: settings.controlNumbers.persistWithin)
        (query.partner, query.transactionType) = filter(request)
        let days = try count(request, "days", 0...36_500) ?? Self.daysDefault
        query.since = days == 0 ? .min : now - Int64(days) * 86_400_000_000
        query.includesExplained = request.uri.queryParameters.get("explained") != "false"
        query.includesOpen = request.uri.queryParameters.get("open") == "true"
        let limit = try count(request, "limit", 1...UInt64(Self.gapsMax)) ?? 1_000
        let found = query.gaps(in: try await numbers())
        let items = found.prefix(Int(limit)).map { $0.json(now: now) }
        return .json("{\"gaps\":[\(items.joined(separator: ","))],\"total\":\(found.count)}")
    }

    private func count(
        _ request: Request, _ name: String, _ range: ClosedRange<UInt64>
    ) throws -> UInt64? {
        guard let text = request.uri.queryParameters.get(name) else { return nil }
        guard let count = UInt64(text), range.contains(count) else {
            throw APIError(
                .badRequest, "invalid",
                "'\(name)' is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }
}

extension ControlGap {
    /// The gap as one JSON object.
    fileprivate func json(now: Int64) -> String {
        func list(_ texts: [String]) -> String {
            "[" + texts.map(JSONText.quoted).joined(separator: ",") + "]"
        }
        var text = JSONText()
        text.member("allocator", text: name)
        text.member("generation", json: String(generation))
        text.member("first", json: String(first))
        text.member("last", json: String(end - 1))
        text.member("count", json: String(count))
        text.member("severity", text: severity.rawValue)
        text.member("status", text: status.rawValue)
        text.member("since", text: UTCText.of(microseconds: since))
        text.member("ageSeconds", json: String(max(0, now - since) / 1_000_000))
        text.member("sequence", json: String(sequence))
        text.member("partners", json: list(partners))
        text.member("types", json: list(transactionTypes))
        text.member("files", json: list(files))
        text.member("reasons", json: list(reasons))
        if explainedAt != 0 {
            text.member("explanation", text: explanation)
            text.member("explainedBy", text: explainedBy)
            text.member("ticket", text: ticket)
            text.member("explainedAt", text: UTCText.of(microseconds: explainedAt))
        }
        return text.object
    }
}
