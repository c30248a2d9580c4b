import { acceptedIssuers } from '../authentication/issuer-selection.js'
import { inTime } from '../authorization/in-time.js'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import type { ControllerRoute } from '../controllers/controller-routes.js'
import { type AuthorizationEndpoints, EndpointLookup } from './authorization-endpoints.js'
import { contentSecurityPolicy, pageHtml, setupScript } from './documentation-page.js'
import { openApiDocument } from './openapi-document.js'
import type { Documentation } from './openapi-options.js'

/** How long readers wait for issuers, in milliseconds: most answer sooner. */
const PATIENCE_MS = 250

/** What is served as documentation. */
export class ApiDocumentation {
  readonly #documentation: Documentation
  readonly #routes: readonly ControllerRoute[]
  readonly #lookups: readonly EndpointLookup[]
  readonly #isEnforced: boolean
  readonly #namesRequirements: boolean
  /** The document as text, for what was known the last time. */
  #made: { readonly for: readonly AuthorizationEndpoints[]; readonly text: string } | undefined

  /** @param routes those that are documented */
  constructor(documentation: Documentation, routes: readonly ControllerRoute[], settings: AuthClientSettings) {
    this.#documentation = documentation
    this.#routes = routes
    this.#isEnforced = settings.enabled
    this.#namesRequirements = settings.errorDetail === 'full' || !documentation.isPublic
    this.#lookups = settings.enabled ? acceptedIssuers(settings).map((issuer) => new EndpointLookup(issuer)) : []
  }

  /** The OpenAPI document in JSON, with what is known at this moment about where people sign in. */
  async document(): Promise<string> {
    const endpoints = await this.#endpoints()
    if (this.#made === undefined || !areSame(this.#made.for, endpoints)) {
      this.#made = { for: endpoints, text: JSON.stringify(this.#newDocument(endpoints)) }
    }
    return this.#made.text
  }

  /** The page, and the policy to send with it. */
  async page(): Promise<{ readonly html: string; readonly policy: string }> {
    return {
      html: pageHtml(this.#documentation),
      policy: contentSecurityPolicy(this.#documentation, await this.#endpoints()),
    }
  }

  /** The script that starts the page. */
  get setup(): string {
    return setupScript(this.#documentation)
  }

  #newDocument(endpoints: readonly AuthorizationEndpoints[]): object {
    return openApiDocument({
      documentation: this.#documentation,
      routes: this.#routes,
      endpoints,
      isEnforced: this.#isEnforced,
      namesRequirements: this.#namesRequirements,
    })
  }

  /** Those that are known by now. An issuer that takes its time is in later answers. */
  async #endpoints(): Promise<readonly AuthorizationEndpoints[]> {
    const asked = Promise.all(this.#lookups.map((lookup) => lookup.endpoints()))
    await inTime(asked, PATIENCE_MS).catch(() => undefined)
    return this.#lookups.flatMap(({ known }) => known ?? [])
  }
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((item, index) => item === others[index])
}
