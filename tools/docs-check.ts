/**
 * Holds the documentation to the source: every example compiles, those that say what they print
 * print it, links lead somewhere, every guide is listed, and the reference is what typedoc would write today.
 */
import { compileErrors, examplesOf, wrongOutputs } from './docs/examples.js'
import { brokenLinks } from './docs/links.js'
import { unlistedGuides } from './docs/listed.js'
import { handWrittenPages } from './docs/pages.js'
import { staleReference } from './docs/reference.js'

const pages = handWrittenPages()
const read = pages.map(examplesOf)
const examples = read.flatMap((page) => page.examples)
const uncompilable = compileErrors(examples)

const findings = [
  ...read.flatMap((page) => page.findings),
  ...uncompilable,
  ...(uncompilable.length === 0 ? wrongOutputs(examples) : []),
  ...pages.flatMap(brokenLinks),
  ...unlistedGuides(pages),
  ...staleReference(),
]

for (const { path, line, message } of findings) console.error(`${path}:${line} ${message}`)
console.log(`${pages.length} pages, ${examples.length} examples, ${findings.length} findings`)
process.exitCode = findings.length === 0 ? 0 : 1
