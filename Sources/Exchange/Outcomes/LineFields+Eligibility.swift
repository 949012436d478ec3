import X12

/// What a 271 answers an inquiry of a 270 with: a set.
public struct EligibilityResponse: Equatable, Sendable {
    /// BHT03 of the inquiry, which the answer repeats; nil where it had none.
    public var reference: String?
    /// The inquiries' outcomes, in order.
    public var inquiries: [EligibilityOutcome]

    /// A response.
    public init(reference: String? = nil, inquiries: [EligibilityOutcome]) {
        self.reference = reference
        self.inquiries = inquiries
    }
}

extension EligibilityResponse: LineFields {
    static var blank: EligibilityResponse { EligibilityResponse(inquiries: []) }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("reference", &reference, .text(50))
        v.objects("inquiries", &inquiries, 1...lineListMax.upperBound)
    }
}

extension EligibilityOutcome: LineFields {
    static var blank: EligibilityOutcome {
        EligibilityOutcome(
            trace: "", traceOriginator: "", payer: .blank, provider: .blank, subscriber: .blank,
            answer: .benefits([], planBegin: nil))
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("trace", &trace, .text(50))
        v.text("traceOriginator", &traceOriginator, .text(10, least: 10))
        v.object("payer", &payer)
        v.object("provider", &provider)
        v.object("subscriber", &subscriber)
        var birth = birth.map(BirthLine.init)
        v.object("birth", &birth)
        self.birth = birth.map { ($0.date, $0.sex) }
        answer(&v)
    }

    /// `benefits` and `planBegin`, or `rejected`.
    private mutating func answer<V: LineVisitor>(_ v: inout V) {
        var benefits: [Benefit] = []
        var planBegin: String?
        var rejected: RejectionLine?
        switch answer {
        case .benefits(let list, let begin): (benefits, planBegin) = (list, begin)
        case .rejected(let reason, let followUp):
            rejected = RejectionLine(reason: reason, followUp: followUp)
        }
        v.text("planBegin", &planBegin, .date)
        v.objects("benefits", &benefits, lineListMax)
        v.object("rejected", &rejected)
        if let rejected {
            if !benefits.isEmpty || planBegin != nil {
                v.refuse("rejected", "stands beside benefits", "give one of the two")
            }
            answer = .rejected(reason: rejected.reason, followUp: rejected.followUp)
        } else {
            if benefits.isEmpty { v.refuse("benefits", "is missing", "add it, or 'rejected'") }
            answer = .benefits(benefits, planBegin: planBegin)
        }
    }
}

/// AAA03 and AAA04.
private struct RejectionLine: LineFields {
    var reason = ""
    var followUp = ""

    static var blank: RejectionLine { RejectionLine() }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("reason", &reason, .text(2, least: 2))
        v.text("followUp", &followUp, .text(1))
    }
}

extension EligibilityOutcome.Benefit: LineFields {
    static var blank: Self { Self(code: "", serviceTypes: []) }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("code", &code, .text(3))
        v.text("coverage", &coverage, .text(3, least: 3).optional)
        v.texts("serviceTypes", &serviceTypes, 0...99, .text(2))
        v.text("plan", &plan, .text(50).optional)
        v.amount("amount", &amount)
    }
}
