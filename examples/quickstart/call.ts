/** One request, who makes it, and the status it deserves. */
export interface Call {
  readonly caller: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly expected: number
}

export interface CallResult extends Call {
  readonly actual: number
  /** The `detail` of a problem, or the start of the body. */
  readonly answer: string
}

const ANSWER_LENGTH = 60

/** Makes one call over HTTP. A caller without a token sends no credentials. */
export async function makeCall(origin: string, call: Call, token: string | undefined): Promise<CallResult> {
  const response = await fetch(origin + call.path, {
    method: call.method,
    headers: {
      ...call.headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  })
  return { ...call, actual: response.status, answer: summary(await response.text()) }
}

/** The same call for a shell, with the token in the variable `$CALLER`. */
export function curlCommand(origin: string, call: Call, hasToken: boolean): string {
  const parts = ["curl -i -w '\\n'"]
  if (call.method !== 'GET') parts.push(`-X ${call.method}`)
  parts.push(origin + call.path)
  if (hasToken) parts.push(`-H "Authorization: Bearer $${call.caller.toUpperCase()}"`)
  for (const [name, value] of Object.entries(call.headers ?? {})) parts.push(`-H '${name}: ${value}'`)
  if (call.body !== undefined) {
    parts.push(`-H 'Content-Type: application/json' -d '${JSON.stringify(call.body)}'`)
  }
  return parts.join(' ')
}

function summary(body: string): string {
  const text = problemDetail(body) ?? body
  return text.length > ANSWER_LENGTH ? `${text.slice(0, ANSWER_LENGTH - 1)}…` : text
}

function problemDetail(body: string): string | undefined {
  try {
    return JSON.parse(body).detail
  } catch {
    return undefined
  }
}
