import { acceptedIssuers } from '../authentication/issuer-selection.js'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import type { ControllerRoute } from '../controllers/controller-routes.js'
import { type AuthorizationEndpoints, EndpointLookup } from './authorization-endpoints.js'
import { contentSecurityPolicy, pageHtml, setupScript } from './documentation-page.js'
import { openApiDocument } from './openapi-document.js'
import type { Documentation } from './openapi-options.js'

/** What is served as documentation. */
export class ApiDocumentation {
  readonly #documentation: Documentation
  readonly #routes: readonly ControllerRoute[]
  readonly #lookups: readonly EndpointLookup[]
  readonly #isEnforced: boolean

  /** @param routes those that are documented */
  constructor(documentation: Documentation, routes: readonly ControllerRoute[], settings: AuthClientSettings) {
    this.#documentation = documentation
    this.#routes = routes
    this.#isEnforced = settings.enabled
    this.#lookups = settings.enabled ? acceptedIssuers(settings).map((issuer) => new EndpointLookup(issuer)) : []
  }

  /** The OpenAPI document, with what is known at this moment about where people sign in. */
  async document(): Promise<Readonly<Record<string, unknown>>> {
    const parts = { documentation: this.#documentation, routes: this.#routes, isEnforced: this.#isEnforced }
    return openApiDocument({ ...parts, endpoints: await this.#endpoints() })
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

  async #endpoints(): Promise<readonly AuthorizationEndpoints[]> {
    const found = await Promise.all(this.#lookups.map((lookup) => lookup.endpoints()))
    return found.filter((endpoints) => endpoints !== undefined)
  }
}
