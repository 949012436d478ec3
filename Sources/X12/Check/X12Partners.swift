/// Whom one exchanges with, and what one takes from them: what checking and answering depend on.
public struct X12Partners: Equatable, Sendable {
    /// When an accepted interchange is answered with a TA1; a rejected one always is, but for
    /// `never`.
    public enum AcknowledgmentPolicy: String, Sendable {
        /// Where ISA14 asks for it.
        case asRequested = "isa14"
        /// For every interchange.
        case always
        /// For none, not even a rejected one.
        case never
    }

    /// An identifier of a trading partner, with its qualifier.
    public struct Identity: Hashable, Sendable {
        /// ISA05 or ISA07.
        public var qualifier: String
        /// ISA06 or ISA08, without padding.
        public var id: String

        /// An identity.
        public init(qualifier: String, id: String) {
            self.qualifier = qualifier
            self.id = id
        }
    }

    /// Us, as ISA07 and ISA08 name us.
    public var own: Identity
    /// GS03 of what is for us, and GS02 of what is from us.
    public var ownGroupID: String
    /// Who may send, and when their interchanges are answered.
    public var senders: [Identity: AcknowledgmentPolicy]
    /// Values of ISA12 that are taken.
    public var versions: Set<String>
    /// `GS01/GS08` to ST01 of what is taken.
    public var supported: [String: String]
    /// Values of ISA01 that are taken.
    public var authorizations: Set<String>
    /// Values of ISA03 that are taken.
    public var securities: Set<String>
    /// Values of ISA15 that are taken.
    public var usages: Set<String>
    /// What holds for single senders, in place of all this; none is empty.
    var relations: [Identity: [X12Partners]] = [:]

    /// Partners; the limits not stated are those that are usual.
    public init(
        own: Identity, ownGroupID: String, senders: [Identity: AcknowledgmentPolicy],
        versions: Set<String> = ["00501"], supported: [String: String],
        authorizations: Set<String> = ["00", "03"], securities: Set<String> = ["00", "01"],
        usages: Set<String> = ["P", "T"]
    ) {
        self.own = own
        self.ownGroupID = ownGroupID
        self.senders = senders
        self.versions = versions
        self.supported = supported
        self.authorizations = authorizations
        self.securities = securities
        self.usages = usages
    }
}

/// What makes an interchange a duplicate of another.
public struct InterchangeKey: Hashable, Sendable {
    /// ISA05 and ISA06.
    public let sender: X12Partners.Identity
    /// ISA07 and ISA08.
    public let receiver: X12Partners.Identity
    /// ISA13.
    public let controlNumber: String

    /// The key of a header.
    public init(_ header: InterchangeHeader) {
        sender = X12Partners.Identity(qualifier: header.trimmed(5), id: header.trimmed(6))
        receiver = X12Partners.Identity(qualifier: header.trimmed(7), id: header.trimmed(8))
        controlNumber = header.controlNumber
    }
}
