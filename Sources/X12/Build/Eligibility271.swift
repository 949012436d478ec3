/// What an eligibility inquiry is answered with.
public struct EligibilityOutcome: Equatable, Sendable {
    /// A line of EB.
    public struct Benefit: Equatable, Sendable {
        /// EB01, such as `1` active, `6` inactive, `C` deductible, `B` copayment.
        public var code: String
        /// EB02, such as `IND`; empty where it does not apply.
        public var coverage: String
        /// EB03.
        public var serviceTypes: [String]
        /// EB05.
        public var plan: String
        /// EB07.
        public var amount: Cents?

        /// A benefit.
        public init(
            code: String, coverage: String = "", serviceTypes: [String], plan: String = "",
            amount: Cents? = nil
        ) {
            self.code = code
            self.coverage = coverage
            self.serviceTypes = serviceTypes
            self.plan = plan
            self.amount = amount
        }
    }

    /// What comes of the inquiry.
    public enum Answer: Equatable, Sendable {
        /// The benefits, and the first day of the plan (CCYYMMDD).
        case benefits([Benefit], planBegin: String?)
        /// AAA03 and AAA04, such as `75` and `C`; no EB stands beside it.
        case rejected(reason: String, followUp: String)
    }

    /// TRN02 and TRN03 of the inquiry.
    public var trace: String
    /// TRN03.
    public var traceOriginator: String
    /// NM1*PR.
    public var payer: X12Party
    /// NM1*1P.
    public var provider: X12Party
    /// NM1*IL.
    public var subscriber: X12Party
    /// DMG02 (CCYYMMDD) and DMG03 of the subscriber.
    public var birth: (date: String, sex: String)?
    /// What comes of it.
    public var answer: Answer

    /// An outcome.
    public init(
        trace: String, traceOriginator: String, payer: X12Party, provider: X12Party,
        subscriber: X12Party, birth: (date: String, sex: String)? = nil, answer: Answer
    ) {
        self.trace = trace
        self.traceOriginator = traceOriginator
        self.payer = payer
        self.provider = provider
        self.subscriber = subscriber
        self.birth = birth
        self.answer = answer
    }

    /// Whether two outcomes are the same.
    public static func == (left: EligibilityOutcome, right: EligibilityOutcome) -> Bool {
        left.trace == right.trace && left.traceOriginator == right.traceOriginator
            && left.payer == right.payer && left.provider == right.provider
            && left.subscriber == right.subscriber && left.birth?.date == right.birth?.date
            && left.birth?.sex == right.birth?.sex && left.answer == right.answer
    }

    /// One 271 for outcomes, in order; neighbours of one payer and provider share their levels.
    ///
    /// - Parameters:
    ///   - reference: BHT03 of the inquiry.
    ///   - date: CCYYMMDD.
    ///   - time: HHMM.
    public static func response(
        _ outcomes: [EligibilityOutcome], reference: String, date: String, time: String
    ) -> SetContent {
        var segments = [["BHT", "0022", "11", reference, date, time]]
        var level = 0
        var parent = 0
        var last: EligibilityOutcome?
        for outcome in outcomes {
            if last?.payer != outcome.payer || last?.provider != outcome.provider {
                segments.append(["HL", String(level + 1), "", "20", "1"])
                segments.append(outcome.payer.nm1("PR"))
                segments.append(["HL", String(level + 2), String(level + 1), "21", "1"])
                segments.append(outcome.provider.nm1("1P"))
                level += 2
                parent = level
            }
            level += 1
            segments.append(["HL", String(level), String(parent), "22", "0"])
            segments += outcome.subscriberSegments
            last = outcome
        }
        return SetContent(setID: "271", version: "005010X279A1", segments: segments)
    }

    private var subscriberSegments: [[String]] {
        var segments = [["TRN", "2", trace, traceOriginator], subscriber.nm1("IL")]
        switch answer {
        case .rejected(let reason, let followUp):
            segments.append(["AAA", "N", "", reason, followUp])
            if let birth { segments.append(["DMG", "D8", birth.date, birth.sex]) }
        case .benefits(let benefits, let planBegin):
            if let birth { segments.append(["DMG", "D8", birth.date, birth.sex]) }
            if let planBegin { segments.append(["DTP", "346", "D8", planBegin]) }
            for benefit in benefits {
                segments.append([
                    "EB", benefit.code, benefit.coverage,
                    benefit.serviceTypes.joined(separator: SetContent.repetitionMark), "",
                    benefit.plan, "", benefit.amount?.element ?? "",
                ])
            }
        }
        return segments
    }
}
