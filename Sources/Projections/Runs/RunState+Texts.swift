import Events

/// The texts of a run.
extension RunState {
    private subscript(_ text: Text) -> String {
        get { texts[text.rawValue] }
        set {
            // Reading a state for its encoding writes every text back as it is.
            if texts[text.rawValue] != newValue { texts[text.rawValue] = newValue }
        }
    }

    /// The tenant.
    public var tenant: String {
        get { self[.tenant] }
        set { self[.tenant] = newValue }
    }

    /// The schedule's id.
    public var jobId: String {
        get { self[.jobId] }
        set { self[.jobId] = newValue }
    }

    /// The scheduled time in the zone, with its offset.
    public var scheduledLocal: String {
        get { self[.scheduledLocal] }
        set { self[.scheduledLocal] = newValue }
    }

    /// The zone.
    public var zone: String {
        get { self[.zone] }
        set { self[.zone] = newValue }
    }

    /// The element of a fan-out.
    public var fanOutKey: String {
        get { self[.fanOutKey] }
        set { self[.fanOutKey] = newValue }
    }

    /// The business date.
    public var businessDate: String {
        get { self[.businessDate] }
        set { self[.businessDate] = newValue }
    }

    /// Why there is a run: `schedule`, `catchUp`, `manual` or `requeue`.
    public var trigger: String {
        get { self[.trigger] }
        set { self[.trigger] = newValue }
    }

    /// The idempotency key that the target receives.
    public var runKey: String {
        get { self[.runKey] }
        set { self[.runKey] = newValue }
    }

    /// The gate that holds it.
    public var gate: String {
        get { self[.gate] }
        set { self[.gate] = newValue }
    }

    /// The kernel's boot id at its process's start.
    public var bootId: String {
        get { self[.bootId] }
        set { self[.bootId] = newValue }
    }

    /// Why its end was asked for.
    public var cancelReason: String {
        get { self[.cancelReason] }
        set { self[.cancelReason] = newValue }
    }

    /// The last failure's class.
    public var failureClass: String {
        get { self[.failureClass] }
        set { self[.failureClass] = newValue }
    }

    /// The last failure, in a sentence.
    public var failureMessage: String {
        get { self[.failureMessage] }
        set { self[.failureMessage] = newValue }
    }

    /// Who asked for it, where a person did.
    public var actor: String {
        get { self[.actor] }
        set { self[.actor] = newValue }
    }

    /// With which ticket.
    public var ticket: String {
        get { self[.ticket] }
        set { self[.ticket] = newValue }
    }

    /// The caller's idempotency key.
    public var request: String {
        get { self[.request] }
        set { self[.request] = newValue }
    }

    /// The parameters, rendered.
    public var parameters: [KeyValue] {
        get { ParameterRow(bytes: texts.content(Text.parameters.rawValue)).parameters }
        set {
            let row = ParameterRow(newValue)
            // Safe: every byte of the array is initialised.
            unsafe texts.set(
                Text.parameters.rawValue, row.bytes.span.bytes, 0, row.bytes.count)
        }
    }

    /// Where it stands, as text; a text that is no status means `due`.
    public var statusText: String {
        get { status.rawValue }
        set { status = RunStatus(rawValue: newValue) ?? .due }
    }

    /// The schedule's key.
    public var schedule: ScheduleKey { ScheduleKey(tenant, jobId) }

    /// Sets a text to that of a record's payload.
    mutating func take(
        _ text: Text, _ view: borrowing EventView, _ number: Int
    ) throws(WireError) {
        let (offset, byteCount) = try view.textRange(number)
        texts.set(text.rawValue, view.bytes, offset, byteCount)
    }

    /// Makes a text empty.
    mutating func clear(_ text: Text) {
        if !texts.isEmpty(text.rawValue) { self[text] = "" }
    }

    /// Whether a text is that of another run.
    func isEmpty(_ text: Text) -> Bool { texts.isEmpty(text.rawValue) }
}

/// Parameters as a run keeps them: each encoded, with its length before it.
struct ParameterRow {
    private(set) var bytes: [UInt8]

    init(_ parameters: [KeyValue]) {
        var writer = WireWriter(reservingByteCount: 64)
        for parameter in parameters { writer.appendDelimited(parameter) }
        bytes = parameters.isEmpty ? [] : writer.bytes
    }

    /// What `parameters` or `take` gave before.
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The parameters of a payload's repeated field.
    ///
    /// - Throws: `WireError` where one is not well formed.
    init(_ view: borrowing EventView, _ number: Int) throws(WireError) {
        guard view.has(number) else {
            bytes = []
            return
        }
        var writer = WireWriter(reservingByteCount: 64)
        let span = view.bytes
        try view.forEachContent(number) { offset, byteCount throws(WireError) in
            let content = span.extracting(offset..<(offset + byteCount))
            if try Self.isCanonical(content) {
                writer.appendDelimited(bytes: content)
            } else {
                // Safe: the bytes are copied within the closure.
                let copy = unsafe content.withUnsafeBytes { unsafe [UInt8]($0) }
                writer.appendDelimited(try KeyValue(decoding: copy))
            }
        }
        bytes = writer.bytes
    }

    /// Whether a parameter is encoded as it would be again: name, then value, nothing else.
    private static func isCanonical(_ content: RawSpan) throws(WireError) -> Bool {
        var cursor = WireCursor(content)
        var number = 0
        var byteCount = 0
        while let field = try cursor.next() {
            guard field.wireType == 2, field.number <= 2, field.number > number,
                field.byteCount > 0, field.byteCount < 0x80
            else { return false }
            number = field.number
            byteCount += 2 + field.byteCount
            _ = try content.textRange((field.offset, field.byteCount), field: number)
        }
        return byteCount == content.byteCount
    }

    var parameters: [KeyValue] {
        var found: [KeyValue] = []
        var offset = 0
        while offset < bytes.count {
            var length = 0
            var shift = 0
            while offset < bytes.count {
                let byte = bytes[offset]
                offset += 1
                length |= Int(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            do throws(WireError) {
                found.append(try KeyValue(decoding: Array(bytes[offset..<(offset + length)])))
            } catch {
                preconditionFailure("the row was encoded here: \(error)")
            }
            offset += length
        }
        return found
    }
}
