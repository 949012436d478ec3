/// A kind of transaction, as configuration, file names and control numbers name it.
///
/// `277` and `277CA` share GS01 and ST01, so only GS08 tells them apart; the three kinds of 837
/// likewise. Source: the table of GS01 and GS08 in `docs/x12.md`.
public enum TransactionType: String, Sendable, CaseIterable {
    /// The acknowledgment of an interchange: a segment, in no group.
    case interchangeAcknowledgment = "TA1"
    /// The acknowledgment of a group.
    case implementationAcknowledgment = "999"
    /// An eligibility inquiry.
    case eligibilityInquiry = "270"
    /// Its response.
    case eligibilityResponse = "271"
    /// A claim status request.
    case claimStatusRequest = "276"
    /// Its response.
    case claimStatusResponse = "277"
    /// The acknowledgment of claims.
    case claimAcknowledgment = "277CA"
    /// Enrollment.
    case enrollment = "834"
    /// Remittance.
    case remittance = "835"
    /// Professional claims.
    case professionalClaim = "837P"
    /// Institutional claims.
    case institutionalClaim = "837I"
    /// Dental claims.
    case dentalClaim = "837D"

    /// ST01; nil for the TA1.
    public var setID: String? {
        switch self {
        case .interchangeAcknowledgment: nil
        case .claimAcknowledgment: "277"
        case .professionalClaim, .institutionalClaim, .dentalClaim: "837"
        default: rawValue
        }
    }

    /// GS08, and ST03 where the set has it; nil for the TA1.
    public var version: String? {
        switch self {
        case .interchangeAcknowledgment: nil
        case .implementationAcknowledgment: "005010X231A1"
        case .eligibilityInquiry, .eligibilityResponse: "005010X279A1"
        case .claimStatusRequest, .claimStatusResponse: "005010X212"
        case .claimAcknowledgment: "005010X214"
        case .enrollment: "005010X220A1"
        case .remittance: "005010X221A1"
        case .professionalClaim: "005010X222A1"
        case .institutionalClaim: "005010X223A2"
        case .dentalClaim: "005010X224A2"
        }
    }

    /// GS01; nil for the TA1.
    public var functionalID: String? {
        setID.flatMap { InterchangeBuilder.functionalIDs[$0] }
    }

    /// The kind that GS01 and GS08 name; nil where there is none.
    public static func of(functionalID: String, version: String) -> TransactionType? {
        allCases.first { $0.functionalID == functionalID && $0.version == version }
    }

    /// What a group of it is known by when it comes in: `GS01/GS08`; nil for the TA1.
    public var groupKey: String? {
        guard let functionalID, let version else { return nil }
        return "\(functionalID)/\(version)"
    }

    /// The kind of answer that business gives to one that comes in; nil where there is none.
    public var businessAnswer: TransactionType? {
        switch self {
        case .eligibilityInquiry: .eligibilityResponse
        case .claimStatusRequest: .claimStatusResponse
        case .professionalClaim, .institutionalClaim, .dentalClaim: .claimAcknowledgment
        default: nil
        }
    }
}
