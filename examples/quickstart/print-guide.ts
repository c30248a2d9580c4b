import { curlCommand } from './call.js'
import type { Demo } from './demo.js'
import { scenario } from './scenario.js'
import { obtainTokens } from './tokens.js'

type Print = (text: string) => void

/**
 * Commands to paste into a shell, for an admin, a viewer and nobody.
 *
 * The tokens are printed on purpose, so that there is something to try. An application should never
 * do that.
 */
export async function printGuide(demo: Demo, print: Print): Promise<void> {
  const { accounts, tokenEndpoint } = demo.provider
  const tokens = await obtainTokens(demo.provider)

  print(`In a browser: ${demo.origin}/docs, with Authorize, then oauth2, as admin or viewer.\n`)
  print('Or paste the tokens into a shell first; they last an hour:\n')
  for (const { id } of accounts) print(`${id.toUpperCase()}='${tokens[id]}'\n`)

  for (const caller of [...accounts.map(({ id }) => id), 'nobody']) {
    const calls = scenario.filter((call) => call.caller === caller)
    print(`Then, as ${caller}, to be answered ${calls.map((call) => call.expected).join(', ')}:\n`)
    print(`${calls.map((call) => curlCommand(demo.origin, call, caller in tokens)).join('\n')}\n`)
  }

  const [first] = accounts
  if (first === undefined) return
  print('Another token, when these have expired:\n')
  print(`curl -s -u ${first.id}:${first.secret} -d grant_type=client_credentials ${tokenEndpoint}\n`)
}
