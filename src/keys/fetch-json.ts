const MEBIBYTE = 1024 * 1024
const MAX_REDIRECTS = 3

/** A JSON document could not be fetched. `status` is the endpoint's answer, where there was one. */
export class FetchError extends Error {
  override readonly name = 'FetchError'

  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Metadata that are somebody else's: they name another issuer than the one they were asked about. */
export class OtherIssuerError extends FetchError {
  constructor(
    message: string,
    /** Whom they name. */
    readonly found: unknown,
  ) {
    super(message)
  }
}

/** How {@link fetchJson} goes about it. */
export interface FetchOptions {
  /** From connect to last byte, redirects included, in milliseconds. */
  readonly timeoutMs: number
  /** The longest answer, after decompression, in bytes. Default: 1 MiB. */
  readonly maxBytes?: number
  /** Credentials for the endpoint; never sent along to another origin. */
  readonly bearer?: string
  /** Is told of every answer that ends a chain of redirects, before its body is read. */
  readonly onResponse?: (response: Pick<Response, 'url' | 'status' | 'headers'>) => void
}

/**
 * Fetches a JSON document of limited size, following redirects within the same origin only.
 *
 * @throws {FetchError} for whatever else happens, a slow answer included.
 */
export async function fetchJson(
  url: string,
  { timeoutMs, maxBytes = MEBIBYTE, bearer = '', onResponse }: FetchOptions,
): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await follow(new URL(url), signal, bearer)
    onResponse?.(response)
    if (!response.ok) {
      await response.body?.cancel()
      throw new FetchError(`${withoutQuery(url)} answered ${response.status}`, response.status)
    }
    return parse(url, await readBody(url, response, maxBytes))
  } catch (error) {
    if (error instanceof FetchError) throw error
    const what = signal.aborted ? `did not answer within ${timeoutMs} ms` : 'could not be reached'
    const message = `${withoutQuery(url)} ${what}`
    throw new FetchError(message, undefined, { cause: error })
  }
}

async function follow(start: URL, signal: AbortSignal, bearer: string): Promise<Response> {
  const headers = { accept: 'application/json', ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }) }
  let url = start
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(url, { signal, redirect: 'manual', headers })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return response
    await response.body?.cancel()
    if (!URL.canParse(location, url.href))
      throw new FetchError(`${withoutQuery(start.href)} redirects to something that is not a URL`)
    url = new URL(location, url)
    if (url.origin !== start.origin) throw new FetchError(`${withoutQuery(start.href)} redirects to another origin`)
  }
  throw new FetchError(`${withoutQuery(start.href)} redirects too often`)
}

async function readBody(url: string, response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > maxBytes) throw new FetchError(`${withoutQuery(url)} sent more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(url: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new FetchError(`${withoutQuery(url)} did not send JSON`)
  }
}

/** A query may hold a key to the endpoint, so it is left out of messages. */
export function withoutQuery(url: string): string {
  return url.split('?', 1)[0] as string
}
