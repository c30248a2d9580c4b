import type { RequestListener } from 'node:http'
import { unknownName } from '../config/unknown-name.js'
import { type Answer, type IssuerDocument, promptly } from './answers.js'

/** What a `TestIssuer` serves: its metadata, and its public keys. */
export type IssuerEndpoint = 'discovery' | 'jwks'

/** Where it serves them. */
export const PATHS: Readonly<Record<IssuerEndpoint, string>> = {
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks',
}

/** Which endpoint misbehaves. */
export interface FaultOptions {
  /** Default: both. */
  readonly on?: IssuerEndpoint | undefined
}

/** How often a `TestIssuer` has been asked since it started. */
export interface RequestCounts {
  readonly discovery: number
  readonly jwks: number
  /** Requests for other paths included. */
  readonly total: number
}

const ENDPOINTS = Object.keys(PATHS) as readonly IssuerEndpoint[]

/** The endpoints of a test issuer: each answers with its document, until it is told to fail. */
export class IssuerEndpoints {
  readonly #documentOf: (endpoint: IssuerEndpoint) => IssuerDocument
  readonly #faults = new Map<IssuerEndpoint, Answer>()
  readonly #moved = new Map<string, IssuerEndpoint>()
  readonly #counts = { discovery: 0, jwks: 0, total: 0 }

  constructor(documentOf: (endpoint: IssuerEndpoint) => IssuerDocument) {
    this.#documentOf = documentOf
  }

  /** A snapshot. */
  get counts(): RequestCounts {
    return Object.freeze({ ...this.#counts })
  }

  /**
   * Answers this way from now on.
   *
   * @throws {TypeError} for an endpoint that is none.
   */
  break(answer: Answer, { on }: FaultOptions = {}): void {
    if (on !== undefined && !ENDPOINTS.includes(on))
      throw new TypeError(`${on} ${unknownName('an endpoint', on, ENDPOINTS)}`)
    for (const endpoint of on === undefined ? ENDPOINTS : [on]) this.#faults.set(endpoint, answer)
  }

  /** Makes an endpoint's document available at another path too, in spite of its fault. */
  move(path: string, endpoint: IssuerEndpoint): void {
    this.#moved.set(path, endpoint)
  }

  /** Ends every fault. */
  restore(): void {
    this.#faults.clear()
    this.#moved.clear()
  }

  /** For `node:http`. */
  readonly listener: RequestListener = (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const endpoint = ENDPOINTS.find((name) => PATHS[name] === path)
    const moved = this.#moved.get(path)
    this.#counts.total++
    if (endpoint !== undefined) {
      this.#counts[endpoint]++
      const answer = this.#faults.get(endpoint) ?? promptly
      answer(response, this.#documentOf(endpoint))
    } else if (moved !== undefined) {
      promptly(response, this.#documentOf(moved))
    } else {
      response.writeHead(404).end()
    }
  }
}
