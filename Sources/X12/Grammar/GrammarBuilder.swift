/// Lays the lines of one set out as a `Grammar`.
struct GrammarBuilder {
    let table: String
    let elementTypes: [String: (kind: ElementKind, min: UInt16, max: UInt16)]
    let commonCodes: [String: [String]]
    let commonWords: [Substring: [Substring]]
    let dictionary: [String: GrammarReader.Template]
    var layout = GrammarLayout()
    private var references: [String: Int32] = [:]
    private var codeLists: [Substring: CodeList] = [:]

    /// A line with what stands below it.
    private final class Tree {
        let line: GrammarReader.Line
        var children: [Tree] = []
        init(_ line: GrammarReader.Line) { self.line = line }
    }

    init(
        table: String,
        elementTypes: [String: (kind: ElementKind, min: UInt16, max: UInt16)],
        commonCodes: [String: [String]], commonWords: [Substring: [Substring]],
        dictionary: [String: GrammarReader.Template]
    ) {
        self.table = table
        self.elementTypes = elementTypes
        self.commonCodes = commonCodes
        self.commonWords = commonWords
        self.dictionary = dictionary
    }

    /// Lays out every line.
    mutating func build(_ lines: [GrammarReader.Line]) throws(X12Error) {
        let root = Tree(GrammarReader.Line(number: 0, depth: -1, words: ["0"]))
        var open = [root]
        for line in lines {
            while let last = open.last, last.line.depth >= line.depth { open.removeLast() }
            guard let parent = open.last else { throw invalid(line) }
            let tree = Tree(line)
            parent.children.append(tree)
            if Self.isLoop(line) { open.append(tree) }
        }
        var queue = [root]
        layout.loops = [GrammarLoop(start: 0, end: 0, requiredStart: 0, requiredEnd: 0)]
        layout.loopNames = [""]
        var next = 0
        while next < queue.count {
            try addLoop(next, queue[next], &queue)
            next += 1
        }
        // A loop's node carries its header's id and key.
        for index in layout.nodes.indices where layout.nodes[index].loop >= 0 {
            let loop = layout.nodes[index].loop
            let header = layout.nodes[Int(layout.loops[Int(loop)].start)]
            layout.nodes[index].id = header.id
            layout.nodes[index].keyPlace = header.keyPlace
            layout.nodes[index].keyStart = header.keyStart
            layout.nodes[index].keyCount = header.keyCount
        }
        for loop in layout.loops {
            group(loop)
            try checkKeys(loop)
        }
        try measure(0, depth: 1, nodeCount: 0)
    }

    /// Refuses a loop that tells nodes of one id apart by more than one place.
    private func checkKeys(_ loop: GrammarLoop) throws(X12Error) {
        var places: [UInt32: KeyPlace] = [:]
        for node in layout.nodes[Int(loop.start)..<Int(loop.end)].dropFirst()
        where node.keyCount > 0 {
            let place = places[node.id] ?? node.keyPlace
            guard place == node.keyPlace else {
                throw GrammarReader.invalid(table, "\(Packed.text(node.id)): keys in two places")
            }
            places[node.id] = place
        }
    }

    /// Refuses loops that are deeper, or have more nodes, than a walker has room for.
    private func measure(_ loop: Int, depth: Int, nodeCount: Int) throws(X12Error) {
        let layout = layout.loops[loop]
        let nodeCount = nodeCount + Int(layout.end - layout.start)
        guard depth <= SetWalker.depthMax, nodeCount <= SetWalker.nodeCountMax else {
            throw GrammarReader.invalid(table, "\(self.layout.loopNames[loop]): too deep or large")
        }
        for node in layout.start..<layout.end where self.layout.nodes[Int(node)].loop >= 0 {
            try measure(
                Int(self.layout.nodes[Int(node)].loop), depth: depth + 1, nodeCount: nodeCount)
        }
    }

    private static func isLoop(_ line: GrammarReader.Line) -> Bool {
        line.words[0].first?.isNumber ?? false
    }

    private func invalid(_ line: GrammarReader.Line) -> X12Error {
        GrammarReader.invalid(table, "\(line.number): \(line.words.joined(separator: " "))")
    }

    private mutating func addLoop(
        _ number: Int, _ tree: Tree, _ queue: inout [Tree]
    ) throws(X12Error) {
        let start = Int32(layout.nodes.count)
        let requiredStart = Int32(layout.required.count)
        guard let header = tree.children.first, !Self.isLoop(header.line) else {
            throw invalid(tree.line)
        }
        for child in tree.children {
            var node = try node(child.line)
            if Self.isLoop(child.line) {
                node.loop = Int32(layout.loops.count)
                queue.append(child)
                layout.loops.append(
                    GrammarLoop(start: 0, end: 0, requiredStart: 0, requiredEnd: 0))
                layout.loopNames.append(String(child.line.words[0]))
            }
            if node.isRequired { layout.required.append(Int32(layout.nodes.count)) }
            layout.nodes.append(node)
        }
        layout.loops[number] = GrammarLoop(
            start: start, end: Int32(layout.nodes.count), requiredStart: requiredStart,
            requiredEnd: Int32(layout.required.count))
    }

    /// Marks where the group of each node starts.
    private mutating func group(_ loop: GrammarLoop) {
        var start = loop.start
        for index in loop.start..<loop.end {
            let (node, before) = (
                layout.nodes[Int(index)], layout.nodes[Int(max(index - 1, start))]
            )
            let isSame = node.id == before.id && (node.loop >= 0) == (before.loop >= 0)
            // A header is never of a group; levels of HL are in order.
            if index == loop.start || index == loop.start + 1 || !isSame
                || node.id == Packed.id("HL")
            {
                start = index
            }
            layout.nodes[Int(index)].group = start
        }
    }

    private mutating func node(_ line: GrammarReader.Line) throws(X12Error) -> GrammarNode {
        guard line.words.count >= 3, line.words[1] == "R" || line.words[1] == "S",
            let uses = line.words[2] == "*" ? Int32.max : Int32(line.words[2])
        else { throw invalid(line) }
        var node = GrammarNode(
            id: Packed.id(String(line.words[0])), isRequired: line.words[1] == "R",
            useCountMax: uses)
        if Self.isLoop(line) { return node }
        guard let template = dictionary[String(line.words[0])] else { throw invalid(line) }
        var elements: [GrammarElement] = []
        for element in template.elements { elements.append(try make(element, line)) }
        let own = line.words.dropFirst(3)
        let places = own.map { (Self.place($0), $0) }
        for word in commonWords[line.words[0]] ?? [] where !Self.isVoid(word, by: places) {
            try refine(&node, &elements, word, line)
        }
        for word in own { try refine(&node, &elements, word, line) }
        if node.keyCount == 0 && Self.qualified.contains(node.id) {
            addWeakKey(&node, line)
        }
        node.elementStart = Int32(layout.elements.count)
        node.elementCount = Int32(elements.count)
        for (index, element) in elements.enumerated() {
            if element.isRequired { node.requiredMask |= 1 << UInt64(index) }
            let components = layout.elements[Int(element.componentStart)...]
                .prefix(Int(element.componentCount))
            let last = components.lastIndex { $0.isRequired }.map { $0 - components.startIndex }
            elements[index].componentCountMin = UInt8((last ?? -1) + 1)
        }
        node.relationStart = Int32(layout.relations.count)
        node.relationCount = Int32(template.relations.count)
        layout.relations += template.relations
        layout.elements += elements
        return node
    }

    /// The element, or component, that a word is of.
    private static func place(_ word: Substring) -> Substring {
        Substring(word.utf8.prefix { (0x30...0x39).contains($0) || $0 == 0x2E })
    }

    /// Whether a line's own words make a common one void.
    ///
    /// They do where one is of the same element, or of a part of one that else is not used. `2!`
    /// only says that it must stand.
    private static func isVoid(
        _ word: Substring, by own: [(place: Substring, word: Substring)]
    ) -> Bool {
        let place = place(word)
        let isUnused = word.utf8.last == UInt8(ascii: "-")
        return own.contains { own in
            own.place == place
                ? isUnused || own.word.utf8.count > own.place.utf8.count + 1
                    || own.word.utf8.last == UInt8(ascii: "-")
                : isUnused && own.place.utf8.starts(with: place.utf8)
                    && own.place.utf8.dropFirst(place.utf8.count).first == 0x2E
        }
    }

    /// Segments that say with their first element what they are about.
    private static let qualified = Set(
        ["AMT", "DTM", "DTP", "PER", "PRV", "QTY", "REF"].map(Packed.id))

    /// Makes the codes of a node's first element its key, where it has codes of its own.
    private mutating func addWeakKey(_ node: inout GrammarNode, _ line: GrammarReader.Line) {
        let rule = line.words.first { $0.hasPrefix("1!=") || $0.hasPrefix("1=") }
        guard let codes = rule?.drop(while: { $0 != "=" }).dropFirst().split(separator: ",") else {
            node.takesAnyQualifier = true
            return
        }
        node.isKeyWeak = true
        node.keyPlace = KeyPlace(element: 1, component: 0)
        node.keyStart = Int32(layout.keys.count)
        node.keyCount = Int32(codes.count)
        layout.keys += codes.map { Packed.code(String($0)) }
    }

    /// An element as the dictionary has it, with components of its own.
    private mutating func make(
        _ source: (number: String, isRequired: Bool, repeatCountMax: UInt8),
        _ line: GrammarReader.Line
    ) throws(X12Error) -> GrammarElement {
        let reference = reference(source.number)
        if let composite = dictionary[source.number] {
            var components: [GrammarElement] = []
            for component in composite.elements { components.append(try make(component, line)) }
            let start = Int32(layout.elements.count)
            layout.elements += components
            return GrammarElement(
                kind: .composite, byteCountMin: 0, byteCountMax: .max,
                isRequired: source.isRequired, repeatCountMax: source.repeatCountMax,
                doubtful: 255, reference: reference, componentStart: start,
                componentCount: UInt8(components.count))
        }
        guard let type = elementTypes[source.number] else { throw invalid(line) }
        var doubtful = ByteClass.invalid | ByteClass.repetition | ByteClass.component
        switch type.kind {
        case .integer, .decimal:
            doubtful |= ByteClass.printable | ByteClass.dot | ByteClass.minus
        case .date, .time, .formatted, .composite: doubtful = 255
        case .text: break
        }
        var element = GrammarElement(
            kind: type.kind, byteCountMin: type.min, byteCountMax: type.max,
            isRequired: source.isRequired, repeatCountMax: source.repeatCountMax,
            doubtful: doubtful, reference: reference)
        if let codes = commonCodes[source.number] { addCodes(&element, codes) }
        return element
    }

    private mutating func reference(_ number: String) -> Int32 {
        if let known = references[number] { return known }
        let index = Int32(layout.references.count)
        layout.references.append(number)
        references[number] = index
        return index
    }

    private mutating func addCodes(_ element: inout GrammarElement, _ codes: [String]) {
        element.codes = CodeList.add(codes.map(Packed.code), to: &layout.codeSlots)
    }

    /// Applies one word, such as `2!=A,B`, to a node's elements.
    private mutating func refine(
        _ node: inout GrammarNode, _ elements: inout [GrammarElement], _ word: Substring,
        _ line: GrammarReader.Line
    ) throws(X12Error) {
        let place = Self.place(word)
        let numbers = place.split(separator: ".").compactMap { Int($0) }
        let rule = word.dropFirst(place.count)
        let text = Substring(rule.utf8.drop { [0x21, 0x3D, 0x3A].contains($0) })
        guard let first = numbers.first, first >= 1, first <= elements.count else {
            throw invalid(line)
        }
        let component = numbers.count > 1 ? numbers[1] : 0
        guard component <= Int(elements[first - 1].componentCount) else { throw invalid(line) }
        var target =
            component == 0
            ? elements[first - 1]
            : layout.elements[Int(elements[first - 1].componentStart) + component - 1]
        if rule.hasPrefix("!") || rule.hasPrefix(":") { target.isRequired = true }
        if rule == "-" {
            target.isUnused = true
            target.doubtful = 255
        }
        if rule != "-" && rule != "!" {
            // Many elements have the same codes.
            if let known = codeLists[text] {
                target.codes = known
            } else {
                let codes = text.split(separator: ",")
                guard !codes.isEmpty, codes.allSatisfy({ $0.utf8.count <= 8 }) else {
                    throw invalid(line)
                }
                addCodes(&target, codes.map(String.init))
                codeLists[text] = target.codes
            }
        }
        if rule.hasPrefix(":") {
            let codes = text.split(separator: ",").map(String.init)
            node.keyPlace = KeyPlace(element: UInt8(first), component: UInt8(component))
            node.keyStart = Int32(layout.keys.count)
            node.keyCount = Int32(codes.count)
            layout.keys += codes.map(Packed.code)
        }
        if component == 0 {
            elements[first - 1] = target
        } else {
            layout.elements[Int(elements[first - 1].componentStart) + component - 1] = target
        }
    }
}
