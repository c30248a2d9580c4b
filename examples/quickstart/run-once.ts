import { decodeProtectedHeader } from 'jose'
import { type Call, type CallResult, makeCall } from './call.js'
import type { Demo } from './demo.js'
import { formatTable } from './format-table.js'
import { scenario } from './scenario.js'
import { obtainTokens, type Tokens } from './tokens.js'

type Print = (text: string) => void

/** Makes every call of the scenario, rotates the provider's key, and tells whether all answers were right. */
export async function runOnce(demo: Demo, print: Print): Promise<boolean> {
  const tokens = await obtainTokens(demo.provider)
  print("The calls (the forger is the viewer, with the role changed to 'admin'):\n")
  const results = await makeCalls(demo, scenario, tokens)
  print(`${table(results)}\n`)

  const afterRotation = await callAfterRotation(demo, tokens, print)
  print(`${table(afterRotation)}\n`)

  const all = [...results, ...afterRotation]
  const wrong = all.filter((result) => !isRight(result)).length
  print(wrong === 0 ? `All ${all.length} answers are as expected.` : `${wrong} of ${all.length} answers are wrong.`)
  return wrong === 0
}

/**
 * The API still holds the old key set when the new token arrives, so that one goes first: it has to be
 * accepted at its first request. The old key stays published, and with it the old token valid.
 */
async function callAfterRotation(demo: Demo, before: Tokens, print: Print): Promise<CallResult[]> {
  await demo.provider.rotateSigningKey()
  const after = await obtainTokens(demo.provider)
  const [oldToken, newToken] = [before['admin'] ?? '', after['admin'] ?? '']
  const [oldKid, newKid] = [decodeProtectedHeader(oldToken).kid, decodeProtectedHeader(newToken).kid]
  if (oldKid === newKid) throw new Error('The provider still signs with its old key.')
  print(`The provider now signs with another key: kid '${newKid}' instead of '${oldKid}'.\n`)

  const callers = { [`admin, ${newKid}`]: newToken, [`admin, ${oldKid}`]: oldToken }
  const calls = Object.keys(callers).map((caller) => ({ caller, method: 'GET', path: '/tasks/me', expected: 200 }))
  return makeCalls(demo, calls, callers)
}

/** One after the other: what a call finds depends on the calls before it. */
async function makeCalls(demo: Demo, calls: readonly Call[], tokens: Tokens): Promise<CallResult[]> {
  const results: CallResult[] = []
  for (const call of calls) results.push(await makeCall(demo.origin, call, tokens[call.caller]))
  return results
}

function table(results: readonly CallResult[]): string {
  const rows = results.map((result) => [
    result.caller,
    `${result.method} ${result.path}`,
    String(result.expected),
    String(result.actual),
    isRight(result) ? 'yes' : 'NO',
    result.answer,
  ])
  return formatTable(['CALLER', 'REQUEST', 'EXPECTED', 'ACTUAL', 'OK?', 'ANSWER'], rows)
}

const isRight = ({ expected, actual }: CallResult) => expected === actual
