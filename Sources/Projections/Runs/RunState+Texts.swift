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

    /// Why there is a run: `schedule`, `catchUp`, `manual`, `requeue`, `backfill` or
    /// `reminder`.
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

    /// What the customer can do about the last failure.
    public var failureAdvice: String {
        get { self[.failureAdvice] }
        set { self[.failureAdvice] = newValue }
    }

    /// The customer's reference.
    public var reference: String {
        get { self[.reference] }
        set { self[.reference] = newValue }
    }

    /// Whether it is a reminder, which counts as none of its schedule's runs.
    public var isReminder: Bool { isText(.trigger, "reminder") }

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
        get { ParameterRow.decode(texts.content(Text.parameters.rawValue)) }
        set {
            let bytes = ParameterRow.encode(newValue)
            // Safe: every byte of the array is initialised.
            unsafe texts.set(Text.parameters.rawValue, bytes.span.bytes, 0, bytes.count)
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

    /// Whether a text has exactly the bytes of another.
    func isText(_ text: Text, _ other: String) -> Bool {
        var other = other
        return other.withUTF8 { buffer in
            // Safe: the buffer's bytes are initialised, and the span stays in the closure.
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))
            return texts.isText(text.rawValue, span)
        }
    }
}

/// Parameters as a run keeps them: fields 14 of a `run due` event, one behind the other.
struct ParameterRow {
    /// The event's field, and its tag with the wire type.
    private static let number = 14
    private static let tag: UInt8 = 14 << 3 | 2

    /// Where they stand in the record, where they can be kept as they are; nil where they must be
    /// decoded and encoded again.
    let range: FieldRange?

    /// Finds the parameters of a `run due` event, and checks whether they can be kept.
    init(_ view: borrowing EventView) {
        var found = FieldRange()
        var isCanonical = true
        let bytes = view.bytes
        let isUsual = view.forEachUsualContent(Self.number) { offset, byteCount in
            // The one before ends where this one's tag and length start, which have one byte each.
            let start = offset - 2
            if found.byteCount == 0 { found = FieldRange((start, 0)) }
            if found.offset + found.byteCount != start || byteCount >= 0x80
                || bytes.byte(at: start) != Self.tag
                || !Self.isCanonical(bytes, offset, offset + byteCount)
            {
                isCanonical = false
            }
            found = FieldRange((found.offset, offset + byteCount - found.offset))
        }
        guard isUsual, isCanonical, bytes.isASCII(found.offset, found.byteCount) else {
            range = nil
            return
        }
        range = found
    }

    /// Whether a parameter is encoded as it would be again: name, then value, nothing else.
    private static func isCanonical(_ bytes: RawSpan, _ start: Int, _ end: Int) -> Bool {
        let name = pastText(bytes, start, end, tag: 1 << 3 | 2)
        return pastText(bytes, name, end, tag: 2 << 3 | 2) == end
    }

    /// Where a text of one field ends that starts at a place, or the place where it is not there.
    private static func pastText(_ bytes: RawSpan, _ start: Int, _ end: Int, tag: UInt8) -> Int {
        guard end - start > 2, bytes.byte(at: start) == tag else { return start }
        let byteCount = Int(bytes.byte(at: start + 1))
        return byteCount > 0 && byteCount < 0x80 ? start + 2 + byteCount : start
    }

    /// The parameters that `encode` or a `run due` event has.
    static func decode(_ bytes: [UInt8]) -> [KeyValue] {
        if bytes.isEmpty { return [] }
        do throws(WireError) {
            // Safe: every byte of the array is initialised.
            let fields = try unsafe EventFields(
                message: bytes.span.bytes, offset: 0, byteCount: bytes.count)
            let view = fields.view
            return try view.messages(number)
        } catch {
            preconditionFailure("they were checked when they were taken: \(error)")
        }
    }

    static func encode(_ parameters: [KeyValue]) -> [UInt8] {
        if parameters.isEmpty { return [] }
        var writer = WireWriter(reservingByteCount: 64)
        for parameter in parameters {
            writer.varint(UInt64(tag))
            writer.appendDelimited(parameter)
        }
        return writer.bytes
    }
}

extension RawSpan {
    /// One byte.
    @inline(__always)
    fileprivate func byte(at offset: Int) -> UInt8 {
        // Safe: the offset is checked, and every bit pattern is a UInt8.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
