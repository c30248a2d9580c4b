import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Provider } from 'oidc-provider'

/** Where people are sent to say who they are; the id of their attempt follows. */
export const SIGN_IN_PATH = '/sign-in/'

/**
 * Asks who somebody is, and believes it: a click is all it takes, because this is a demo.
 *
 * @param accounts the names to choose from
 */
export async function signInPage(
  provider: Provider,
  accounts: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    // Without the cookie of an attempt that is under way, this throws.
    await provider.interactionDetails(request, response)
    const chosen = request.method === 'POST' ? new URLSearchParams(await text(request)).get('account') : null
    if (chosen !== null && accounts.includes(chosen)) {
      await provider.interactionFinished(request, response, { login: { accountId: chosen } })
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(accounts))
    }
  } catch {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('This attempt to sign in is over. Begin anew.')
  }
}

function page(accounts: readonly string[]): string {
  const buttons = accounts.map((name) => `<button name="account" value="${name}">${name}</button>`)
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Sign in</title></head>
  <body>
    <h1>Who are you?</h1>
    <form method="post">${buttons.join(' ')}</form>
  </body>
</html>
`
}
