/// A payment and what it is for, as an 835 tells it.
///
/// It must balance to the cent: each service and claim (charge less paid is the sum of the
/// adjustments), and the payment (the claims' sum less the provider's adjustments).
public struct Remittance: Equatable, Sendable {
    /// A reason why less is paid than was charged: CAS.
    public struct Adjustment: Equatable, Sendable {
        /// CAS01: `CO`, `OA`, `PI` or `PR`.
        public var group: String
        /// CAS02: the reason code.
        public var reason: String
        /// CAS03.
        public var amount: Cents

        /// An adjustment.
        public init(group: String, reason: String, amount: Cents) {
            self.group = group
            self.reason = reason
            self.amount = amount
        }
    }

    /// A line of a claim: SVC.
    public struct Service: Equatable, Sendable {
        /// SVC01: qualifier and procedure, such as `HC` and `99213`.
        public var procedure: (qualifier: String, code: String)
        /// SVC02.
        public var charge: Cents
        /// SVC03.
        public var paid: Cents
        /// DTM*472, or DTM*150 and 151.
        public var days: X12Days
        /// CAS.
        public var adjustments: [Adjustment]

        /// A service.
        public init(
            procedure: (qualifier: String, code: String), charge: Cents, paid: Cents,
            days: X12Days, adjustments: [Adjustment] = []
        ) {
            self.procedure = procedure
            self.charge = charge
            self.paid = paid
            self.days = days
            self.adjustments = adjustments
        }

        /// Whether two services are the same.
        public static func == (left: Service, right: Service) -> Bool {
            left.procedure == right.procedure && left.charge == right.charge
                && left.paid == right.paid && left.days == right.days
                && left.adjustments == right.adjustments
        }
    }

    /// A claim: CLP.
    public struct Claim: Equatable, Sendable {
        /// CLP01.
        public var claimNumber: String
        /// CLP02.
        public var status: String
        /// CLP03.
        public var charge: Cents
        /// CLP04.
        public var paid: Cents
        /// CLP05.
        public var patientResponsibility: Cents?
        /// CLP06.
        public var filing: String
        /// CLP07.
        public var payerClaimNumber: String
        /// NM1*QC, with the member id under `MI`.
        public var patient: X12Party
        /// CAS of the claim itself.
        public var adjustments: [Adjustment]
        /// Its lines.
        public var services: [Service]

        /// A claim.
        public init(
            claimNumber: String, status: String, charge: Cents, paid: Cents,
            patientResponsibility: Cents? = nil, filing: String, payerClaimNumber: String,
            patient: X12Party, adjustments: [Adjustment] = [], services: [Service]
        ) {
            self.claimNumber = claimNumber
            self.status = status
            self.charge = charge
            self.paid = paid
            self.patientResponsibility = patientResponsibility
            self.filing = filing
            self.payerClaimNumber = payerClaimNumber
            self.patient = patient
            self.adjustments = adjustments
            self.services = services
        }
    }

    /// What is taken from, or added to, the payment as a whole: PLB.
    public struct ProviderAdjustment: Equatable, Sendable {
        /// PLB01.
        public var provider: String
        /// PLB02, CCYYMMDD.
        public var fiscalPeriod: String
        /// PLB03: reason and reference.
        public var reason: (code: String, reference: String)
        /// PLB04: what the payment is less by.
        public var amount: Cents

        /// A provider's adjustment.
        public init(
            provider: String, fiscalPeriod: String, reason: (code: String, reference: String),
            amount: Cents
        ) {
            self.provider = provider
            self.fiscalPeriod = fiscalPeriod
            self.reason = reason
            self.amount = amount
        }

        /// Whether two adjustments are the same.
        public static func == (left: ProviderAdjustment, right: ProviderAdjustment) -> Bool {
            left.provider == right.provider && left.fiscalPeriod == right.fiscalPeriod
                && left.reason == right.reason && left.amount == right.amount
        }
    }

    /// BPR02.
    public var amount: Cents
    /// BPR04: `CHK` or `NON`; a transfer's accounts are in `transfer`.
    public var method: String
    /// BPR05 to BPR15 of a transfer.
    public var transfer: [String]
    /// BPR16, CCYYMMDD.
    public var paymentDate: String
    /// TRN02: the check's or transfer's number.
    public var trace: String
    /// TRN03: the payer's number, ten characters.
    public var originator: String
    /// DTM*405, CCYYMMDD.
    public var productionDate: String
    /// N1*PR: its name.
    public var payer: X12Party
    /// N3 and N4 of the payer.
    public var payerAddress: X12Address
    /// PER*BL: name and telephone number, which the guide requires.
    public var contact: (name: String, telephone: String)
    /// N1*PE, with `XX` or `FI`.
    public var payee: X12Party
    /// The claims.
    public var claims: [Claim]
    /// PLB.
    public var providerAdjustments: [ProviderAdjustment]

    /// A payment.
    public init(
        amount: Cents, method: String, transfer: [String] = [], paymentDate: String,
        trace: String, originator: String, productionDate: String, payer: X12Party,
        payerAddress: X12Address, contact: (name: String, telephone: String), payee: X12Party,
        claims: [Claim], providerAdjustments: [ProviderAdjustment] = []
    ) {
        self.amount = amount
        self.method = method
        self.transfer = transfer
        self.paymentDate = paymentDate
        self.trace = trace
        self.originator = originator
        self.productionDate = productionDate
        self.payer = payer
        self.payerAddress = payerAddress
        self.contact = contact
        self.payee = payee
        self.claims = claims
        self.providerAdjustments = providerAdjustments
    }

    /// Whether two payments are the same.
    public static func == (left: Remittance, right: Remittance) -> Bool {
        left.amount == right.amount && left.method == right.method
            && left.transfer == right.transfer && left.paymentDate == right.paymentDate
            && left.trace == right.trace && left.originator == right.originator
            && left.productionDate == right.productionDate && left.payer == right.payer
            && left.payerAddress == right.payerAddress && left.contact == right.contact
            && left.payee == right.payee && left.claims == right.claims
            && left.providerAdjustments == right.providerAdjustments
    }
}
