import Engine

/// Control numbers in the golden log: every event of their family.
extension GoldenLog {
    private static let program = Authority(actor: "worker:outbound", request: "file-1")

    /// The rules under which a few numbers reach their end.
    static var controlNumberRules: ControlNumberRules {
        var rules = ControlNumberRules()
        rules.lossSkip = 2
        var small = ControlNumberRules.Exception(pattern: "ISA/*/ZZ:SMALL")
        small.max = 20
        small.wraps = true
        rules.exceptions = [small]
        return rules
    }

    /// Numbers of files: written, failed, explained, sent again; and an allocator that wraps.
    mutating func controlNumbers() throws {
        let isa = try wish(.interchange, "ZZ:THEM")
        let reply = try control(
            .issue([isa, wish(.group, "ZZ:THEM"), wish(.set, "ZZ:THEM", 3)], Self.program))
        let first = reply.numbers.first?.first ?? 0
        let range = IssuedNumbers(
            allocator: isa.allocator, generation: 1, first: first, count: 1)
        try control(.persist([range], file: "THEM_277CA_1.edi", Self.program))
        try control(
            .resend([range], file: "THEM_277CA_1.edi", reason: "lost there", Self.who))
        let next = try control(.issue([isa], Authority(actor: "worker:outbound")))
        try control(.fail(next.numbers, reason: "the envelope was invalid", Self.program))
        try control(.explain(next.numbers, reason: "a known fault", Self.who))
        try control(
            .reset(allocator: isa.allocator, next: 1, reason: "agreed with THEM", Self.who))
        for count: UInt64 in [16, 3] {
            let small = try wish(.interchange, "ZZ:SMALL", count)
            try control(.issue([small], Authority(actor: "worker:outbound")))
        }
    }

    @discardableResult
    private mutating func control(_ command: ControlNumberCommand) throws -> Reply {
        try log.handle(.control(command, tenant: "default"))
    }

    private func wish(
        _ kind: NumberRequest.Kind, _ receiver: String, _ count: UInt64 = 1
    ) throws -> NumberRequest {
        try NumberRequest(
            kind, sender: "ZZ:US", receiver: receiver, group: "HN", partner: "THEM",
            transactionType: "277CA", file: "THEM_277CA_1.edi", count: count)
    }
}
