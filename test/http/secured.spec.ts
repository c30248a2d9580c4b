import { EventEmitter } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { Container, inject, injectable, type Newable, preDestroy } from 'inversify'
import {
  AgentContext,
  AgentTokenMissingError,
  AllowAnonymous,
  AuthConfigurationError,
  Controller,
  Get,
  InsufficientPermissionsError,
  MissingTokenError,
  OptionalAuthentication,
  onAuthEvent,
  type Policy,
  type Principal,
  RequiresAgentScope,
  RequiresPolicy,
  RequiresRole,
  RequiresScope,
  SecurityContext,
  secured,
} from 'inversify-koa-auth'
import type Koa from 'koa'
import { describe, it } from 'mocha'
import { toAgentClaims } from '../../src/tokens/agent-claims.js'
import { aPrincipal } from '../support/a-principal.js'
import { kit, loadContainer, startApp } from '../support/start-app.js'

@injectable()
class SaysYes implements Policy {
  permits(): boolean {
    return true
  }
}

@injectable()
class OfAnn implements Policy {
  permits({ claims }: Principal): boolean {
    return claims.sub === 'ann'
  }
}

@injectable()
class OfAnnLater implements Policy {
  async permits({ claims }: Principal): Promise<boolean> {
    return wait(1, claims.sub === 'ann')
  }
}

@injectable()
class SecretlyLater implements Policy {
  permits(): Promise<boolean> {
    return wait(1, true)
  }
}

@injectable()
class OfRequest implements Policy {
  permits(_principal: Principal, ctx: Koa.Context): boolean {
    return ctx.method === 'GET'
  }
}

@injectable()
class Ledger {
  readonly #entries: string[] = []
  callback = () => this.#entries.length

  get size(): number {
    return this.#entries.length
  }

  set title(title: string) {
    this.#entries.push(title)
  }

  plain(entry = 'plain'): number {
    return this.#entries.push(entry)
  }

  @AllowAnonymous()
  open(): number {
    return this.plain('through open')
  }

  @OptionalAuthentication()
  greet(): string {
    return SecurityContext.get()?.sub ?? 'nobody'
  }

  @RequiresRole('accountant')
  @RequiresScope('ledger:write')
  close(year: number): string {
    return `${year} by ${SecurityContext.require().sub}, ${this.#entries.length} entries`
  }

  @RequiresRole('accountant')
  async closeLater(year: number): Promise<string> {
    await wait(1)
    return this.fluent().label(year)
  }

  fluent(): this {
    return this
  }

  async fluentLater(): Promise<this> {
    return this
  }

  @RequiresRole('accountant')
  label(year: number): string {
    return `year ${year}`
  }

  @RequiresPolicy(OfAnn)
  annsOnly(): string {
    return "ann's"
  }

  @RequiresPolicy(OfAnnLater)
  async annsOnlyLater(): Promise<string> {
    return "ann's, later"
  }

  @RequiresPolicy(SecretlyLater)
  impatient(): string {
    return 'impatient'
  }

  @RequiresPolicy(OfRequest)
  duringRequest(): string {
    return 'during a request'
  }

  @RequiresAgentScope('ledger:audit')
  audit(): string {
    return `audited by ${AgentContext.require().sub}`
  }

  @RequiresRole('accountant')
  *pages(): Generator<number> {
    yield 1
  }
}

@injectable()
class SubLedger extends Ledger {
  override close(year: number): string {
    return `sub ${super.close(year)}`
  }

  override open(): number {
    return super.open()
  }
}

const accountant = aPrincipal({ sub: 'ann', roles: ['accountant'], scopes: ['ledger:write'] })
const clerk = aPrincipal({ sub: 'bob', roles: ['clerk'] })
const asAnn = <Result>(work: () => Result) => SecurityContext.run(accountant, work)
const asBob = <Result>(work: () => Result) => SecurityContext.run(clerk, work)

function bindPolicies(container: Container): void {
  const policies: readonly Newable<Policy>[] = [OfAnn, OfAnnLater, SecretlyLater, OfRequest, SaysYes]
  for (const policy of policies) container.bind(policy).toSelf()
}

function ledger(): Ledger {
  const container = new Container()
  bindPolicies(container)
  secured(container.bind(Ledger).toSelf()).inSingletonScope()
  return container.get(Ledger)
}

describe('a secured service', () => {
  it('is still one of its class', () => {
    const service = ledger()
    expect(service).to.be.instanceOf(Ledger)
    expect(service.constructor).to.equal(Ledger)
    asBob(() => {
      expect(service.size).to.equal(0)
      service.title = 'set'
      expect(service.size).to.equal(1)
    })
    expect(String(service)).to.equal('[object Object]')
    expect(service.plain).to.equal(service.plain)
  })

  for (const method of ['plain', 'close', 'label', 'annsOnly', 'audit', 'impatient', 'pages', 'fluent'] as const) {
    it(`${method}: throws where nobody is signed in`, () => {
      const service = ledger()
      expect(() => (service[method] as (argument?: unknown) => unknown)()).to.throw(MissingTokenError)
      expect(() => (service[method] as (argument?: unknown) => unknown).call(undefined)).to.throw(MissingTokenError)
    })
  }

  it('closes functions that are no methods as well', () => {
    expect(() => ledger().callback()).to.throw(MissingTokenError)
    expect(asBob(() => ledger().callback())).to.equal(0)
  })

  it('names the scopes to ask for where nobody is signed in', () => {
    expect(() => ledger().close(2026))
      .to.throw(MissingTokenError)
      .with.nested.property('headers.WWW-Authenticate', 'Bearer scope="ledger:write"')
  })

  it('keeps sync methods sync, and passes on what they are given and return', () => {
    const service = ledger()
    expect(asBob(() => service.plain('entry'))).to.equal(1)
    expect(asAnn(() => service.close(2026))).to.equal('2026 by ann, 1 entries')
    expect(asAnn(() => service.annsOnly())).to.equal("ann's")
    expect([...asAnn(() => service.pages())]).to.deep.equal([1])
  })

  it('refuses who lacks what is asked for, and notes it', () => {
    const denied: unknown[] = []
    const stop = onAuthEvent('denied', (event) => denied.push(event))
    asBob(() => {
      const service = ledger()
      expect(() => service.close(2026)).to.throw(
        InsufficientPermissionsError,
        'Requires one of roles: accountant; and one of scopes: ledger:write',
      )
      expect(() => service.annsOnly()).to.throw(InsufficientPermissionsError, 'Requires one of policies: OfAnn')
    })
    stop()
    expect(denied).to.have.length(2)
    expect(denied[0]).to.deep.include({ subject: 'bob', roles: ['clerk'] })
  })

  it('opens what is open, and does not ask what a method calls on its own instance', () => {
    const service = ledger()
    expect(service.open()).to.equal(1)
    expect(service.greet()).to.equal('nobody')
    expect(asAnn(() => service.greet())).to.equal('ann')
  })

  it('rejects from async methods', async () => {
    const service = ledger()
    await asBob(() => expectRejection(service.closeLater(2026), InsufficientPermissionsError))
    await expectRejection(service.closeLater(2026), MissingTokenError)
    expect(await asAnn(() => service.closeLater(2026))).to.equal('year 2026')
    expect(await asAnn(() => service.annsOnlyLater())).to.equal("ann's, later")
    await asBob(() => expectRejection(service.annsOnlyLater(), InsufficientPermissionsError))
  })

  it('hands out nothing that is not guarded', async () => {
    const service = ledger()
    await asBob(async () => {
      expect(() => service.fluent().label(2026)).to.throw(InsufficientPermissionsError)
      const later = await service.fluentLater()
      expect(() => later.label(2026)).to.throw(InsufficientPermissionsError)
    })
  })

  it('takes no policy for a yes that a sync method can not wait for', () => {
    expect(() => asAnn(() => ledger().impatient())).to.throw(InsufficientPermissionsError, 'policies: SecretlyLater')
  })

  it('takes no policy for a yes that wants a request where there is none', () => {
    expect(() => asAnn(() => ledger().duringRequest())).to.throw(InsufficientPermissionsError, 'policies: OfRequest')
  })

  it('wants the agent that is asked for', () => {
    const service = ledger()
    asAnn(() => {
      expect(() => service.audit()).to.throw(AgentTokenMissingError)
      const agent = toAgentClaims({ sub: 'robot', scopes: ['ledger:*'] })
      expect(AgentContext.run(agent, () => service.audit())).to.equal('audited by robot')
    })
  })

  it('inherits restrictions, and no openings', () => {
    const container = new Container()
    bindPolicies(container)
    secured(container.bind(SubLedger).toSelf())
    const service = container.get(SubLedger)
    expect(() => service.open()).to.throw(MissingTokenError)
    expect(() => asBob(() => service.close(2026))).to.throw(InsufficientPermissionsError)
    expect(asAnn(() => service.close(2026))).to.equal('sub 2026 by ann, 0 entries')
  })

  it('carries its caller into event listeners', () => {
    const service = ledger()
    const queue = new EventEmitter()
    const closed: string[] = []
    asAnn(() =>
      queue.on(
        'year',
        SecurityContext.bind((year: number) => closed.push(service.close(year))),
      ),
    )
    queue.emit('year', 2026)
    expect(closed).to.deep.equal(['2026 by ann, 0 entries'])
  })
})

describe('a secured binding', () => {
  it('goes on like any other', () => {
    const container = new Container()
    bindPolicies(container)
    secured(container.bind(Ledger).toSelf()).inSingletonScope().whenNamed('main')
    expect(container.get(Ledger, { name: 'main' })).to.equal(container.get(Ledger, { name: 'main' }))
    expect(() => container.get(Ledger, { name: 'main' }).plain()).to.throw(MissingTokenError)
  })

  it('stays secured when it gets an activation of its own, which comes first', async () => {
    for (const activate of [(service: Ledger) => service, async (service: Ledger) => service]) {
      const container = new Container()
      bindPolicies(container)
      const seen: unknown[] = []
      secured(container.bind(Ledger).toSelf())
        .inTransientScope()
        .onActivation((_context, service) => {
          seen.push(service.plain())
          return activate(service)
        })
      const service = await container.getAsync(Ledger)
      expect(seen).to.deep.equal([1])
      expect(() => service.plain()).to.throw(MissingTokenError)
    }
  })

  it('may be to a constant, a dynamic value or an interface', async () => {
    const container = new Container()
    bindPolicies(container)
    secured(container.bind<Ledger>('constant').toConstantValue(new Ledger()))
    secured(container.bind<Ledger>('dynamic').toDynamicValue(() => new Ledger()))
    secured(container.bind<Ledger>('later').toDynamicValue(async () => new Ledger()))
    for (const service of [
      container.get<Ledger>('constant'),
      container.get<Ledger>('dynamic'),
      await container.getAsync<Ledger>('later'),
    ]) {
      expect(() => service.plain()).to.throw(MissingTokenError)
      expect(asBob(() => service.plain())).to.equal(1)
    }
  })

  it('needs an instance of a class', () => {
    const container = new Container()
    secured(container.bind('text').toConstantValue('text'))
    secured(container.bind('object').toConstantValue({ run: () => 1 }))
    for (const name of ['text', 'object']) {
      expect(() => container.get(name)).to.throw(AuthConfigurationError, 'needs a binding to an instance of a class')
    }
  })

  it('does not compile with anything but a binding, and throws when it does', () => {
    for (const secure of [
      // @ts-expect-error a binding, not a text
      () => secured('text'),
      // @ts-expect-error nor the class itself
      () => secured(Ledger),
      // @ts-expect-error nor an instance
      () => secured(new Ledger()),
      // @ts-expect-error nor nothing
      () => secured(),
    ]) {
      expect(secure).to.throw(TypeError)
    }
  })

  it('calls hooks of the container where they are open', async () => {
    @injectable()
    class Closing {
      closed = false

      @preDestroy()
      @AllowAnonymous()
      close(): void {
        this.closed = true
      }
    }
    const container = new Container()
    secured(container.bind(Closing).toSelf()).inSingletonScope()
    const service = container.get(Closing)
    await container.unbind(Closing)
    expect(service.closed).to.equal(true)
  })

  it('fails with every mistake at once when it is first resolved', () => {
    class Unbound extends SaysYes {}
    @injectable()
    class Mistaken {
      @AllowAnonymous()
      @RequiresRole('admin')
      contradictory() {}

      @RequiresPolicy(Unbound)
      unbound() {}

      @RequiresPolicy(OfAnnLater)
      impatient() {}
    }
    const container = new Container()
    bindPolicies(container)
    secured(container.bind(Mistaken).toSelf())
    const thrown = expect(() => container.get(Mistaken)).to.throw(AuthConfigurationError)
    for (const part of [
      'Mistaken.contradictory',
      '@AllowAnonymous contradicts @RequiresRole',
      'Mistaken.unbound',
      'needs policy Unbound',
      'Mistaken.impatient',
      'is not async, but policy OfAnnLater is',
    ]) {
      thrown.with.property('message').that.contains(part)
    }
  })

  for (const { what, bind } of [
    {
      what: 'that is async in a field',
      bind: (container: Container) => container.bind(Voice).toConstantValue(new AsyncInField()),
    },
    {
      what: 'that is bound to a class that is async',
      bind: (container: Container) => container.bind(Voice).to(AsyncInMethod),
    },
    {
      what: 'that is secured and async',
      bind: (container: Container) => secured(container.bind(Voice).to(AsyncInMethod)),
    },
  ]) {
    it(`does not wait in a sync method for a policy ${what}`, async () => {
      const container = new Container()
      bind(container)
      secured(container.bind(Asking).toSelf())
      secured(container.bind(AskingLater).toSelf())
      expect(problemsOf(() => container.get(Asking))).to.deep.equal([
        'Asking.say: is not async, but policy Voice is: it can not wait for it',
      ])
      expect(await asBob(() => container.get(AskingLater).say())).to.equal('yes')
    })
  }

  it('does not wait in a sync method for a policy that is not there yet', async () => {
    const container = new Container()
    container
      .bind(Voice)
      .toDynamicValue(async () => wait(1, new SaysYes()))
      .inSingletonScope()
    secured(container.bind(Asking).toSelf())
    secured(container.bind(AskingLater).toSelf())
    expect(problemsOf(() => container.get(Asking))).to.deep.equal([
      'Asking.say: is not async, but policy Voice is resolved asynchronously: it can not wait for it',
    ])
    expect(await asBob(() => container.get(AskingLater).say())).to.equal('yes')
    await container.getAsync(Voice)
    expect(asBob(() => container.get(Asking).say())).to.equal('yes')
  })

  it('takes a sync policy in the place of an async one', () => {
    const container = new Container()
    container.bind(OfAnnLater).toConstantValue(new OfAnnAfterAll() as never)
    @injectable()
    class Impatient {
      @RequiresPolicy(OfAnnLater)
      act(): string {
        return 'done'
      }
    }
    secured(container.bind(Impatient).toSelf())
    expect(asAnn(() => container.get(Impatient).act())).to.equal('done')
    expect(() => asBob(() => container.get(Impatient).act())).to.throw(InsufficientPermissionsError)
  })

  it('needs policies that can be asked', () => {
    const container = new Container()
    container.bind(Voice).toConstantValue({} as Voice)
    secured(container.bind(Asking).toSelf())
    secured(container.bind(AskingLater).toSelf())
    const message = 'needs policy Voice, but what is bound to it has no method permits'
    expect(problemsOf(() => container.get(Asking))).to.deep.equal([`Asking.say: ${message}`])
    expect(problemsOf(() => container.get(AskingLater))).to.deep.equal([`AskingLater.say: ${message}`])
  })

  it('is not resolved for ever where a policy needs the service that asks it', () => {
    const SERVICE = Symbol('service')
    @injectable()
    class OfItsOwner implements Policy {
      constructor(@inject(SERVICE) readonly service: unknown) {}
      permits() {
        return true
      }
    }
    @injectable()
    class Ring {
      @RequiresPolicy(OfItsOwner)
      close() {}
    }
    const container = new Container()
    container.bind(OfItsOwner).toSelf()
    secured(container.bind(SERVICE).to(Ring)).inSingletonScope()
    expect(() => container.get(SERVICE))
      .to.throw(AuthConfigurationError)
      .with.property('message')
      .that.includes('Ring.close: needs policy OfItsOwner')
  })

  it('is as open as everything else while security is switched off', () => {
    const container = loadContainer({ settings: { enabled: false } })
    secured(container.bind(SaysYesService).toSelf())
    expect(container.get(SaysYesService).say()).to.equal('yes')
  })
})

describe('a secured service that is made more than once', () => {
  it('is guarded each time, in transient scope', () => {
    const container = new Container()
    bindPolicies(container)
    secured(container.bind(Ledger).toSelf()).inTransientScope()
    const [one, other] = [container.get(Ledger), container.get(Ledger)]
    expect(asAnn(() => one.plain())).to.equal(1)
    expect(asAnn(() => one.close(2026))).to.equal('2026 by ann, 1 entries')
    expect(asAnn(() => other.close(2026))).to.equal('2026 by ann, 0 entries')
    for (const service of [one, other]) {
      expect(() => service.plain()).to.throw(MissingTokenError)
      expect(() => asBob(() => service.close(2026))).to.throw(InsufficientPermissionsError)
    }
  })

  it('is one for a whole resolution, in request scope', () => {
    @injectable()
    class Pair {
      constructor(
        @inject(Ledger) readonly one: Ledger,
        @inject(Ledger) readonly other: Ledger,
      ) {}
    }
    const container = new Container()
    bindPolicies(container)
    secured(container.bind(Ledger).toSelf()).inRequestScope()
    container.bind(Pair).toSelf()
    const [first, second] = [container.get(Pair), container.get(Pair)]
    expect(first.one).to.equal(first.other)
    expect(first.one).not.to.equal(second.one)
    for (const { one } of [first, second]) {
      expect(() => one.plain()).to.throw(MissingTokenError)
      expect(asBob(() => one.plain())).to.equal(1)
    }
  })

  for (const { scope, resolve } of [
    { scope: 'a transient scope', resolve: (container: Container) => container.get(Ledger) },
    {
      scope: 'child containers',
      resolve: (container: Container) => new Container({ parent: container }).get(Ledger),
    },
  ]) {
    it(`has its decorators read once, also in ${scope}`, () => {
      @injectable()
      class Other extends Ledger {}
      const container = new Container()
      bindPolicies(container)
      secured(container.bind(Ledger).to(Other)).inTransientScope()
      const use = () => asAnn(() => resolve(container).close(2026))
      expect(declarationsRead(use)).to.be.greaterThan(0)
      expect(declarationsRead(use)).to.equal(0)
    })
  }

  it('asks the policies of the container that it comes from', () => {
    const parent = new Container()
    bindPolicies(parent)
    secured(parent.bind(Ledger).toSelf()).inTransientScope()
    const child = new Container({ parent })
    child.bind(OfAnn).to(SaysNo)
    const [ofParent, ofChild] = [parent.get(Ledger), child.get(Ledger)]
    expect(asAnn(() => ofParent.annsOnly())).to.equal("ann's")
    expect(() => asAnn(() => ofChild.annsOnly())).to.throw(InsufficientPermissionsError, 'policies: OfAnn')
    expect(asAnn(() => parent.get(Ledger).annsOnly())).to.equal("ann's")
  })

  it('keeps the policies of the container that it was first resolved from, as a singleton', () => {
    for (const isFirst of [true, false]) {
      const parent = new Container()
      bindPolicies(parent)
      secured(parent.bind(Ledger).toSelf()).inSingletonScope()
      const child = new Container({ parent })
      child.bind(OfAnn).to(SaysNo)
      if (isFirst) child.get(Ledger)
      const use = () => asAnn(() => parent.get(Ledger).annsOnly())
      if (isFirst) expect(use).to.throw(InsufficientPermissionsError)
      else expect(use()).to.equal("ann's")
      expect(child.get(Ledger)).to.equal(parent.get(Ledger))
    }
  })

  it('is checked against the policies of each container', () => {
    const parent = new Container()
    bindPolicies(parent)
    parent.bind(Voice).to(SaysYes)
    secured(parent.bind(Asking).toSelf()).inTransientScope()
    const child = new Container({ parent })
    child.bind(Voice).to(AsyncInMethod)
    expect(asBob(() => parent.get(Asking).say())).to.equal('yes')
    expect(problemsOf(() => child.get(Asking))).to.deep.equal([
      'Asking.say: is not async, but policy Voice is: it can not wait for it',
    ])
    child.rebind(Voice).to(SaysNo)
    expect(() => asBob(() => child.get(Asking).say())).to.throw(InsufficientPermissionsError)
  })
})

/** A policy by whatever class it is bound to. */
abstract class Voice implements Policy {
  abstract permits(principal: Principal): boolean | Promise<boolean>
}

@injectable()
class SaysNo extends OfAnn {
  override permits(): boolean {
    return false
  }
}

@injectable()
class AsyncInMethod {
  async permits(): Promise<boolean> {
    return wait(1, true)
  }
}

class AsyncInField implements Policy {
  permits = async () => wait(1, true)
}

class OfAnnAfterAll {
  permits({ claims }: Principal): boolean {
    return claims.sub === 'ann'
  }
}

@injectable()
class Asking {
  @RequiresPolicy(Voice)
  say(): string {
    return 'yes'
  }
}

@injectable()
class AskingLater {
  @RequiresPolicy(Voice)
  async say(): Promise<string> {
    return 'yes'
  }
}

@injectable()
class SaysYesService {
  @RequiresRole('nobody')
  say(): string {
    return 'yes'
  }
}

@Controller('/ledger')
class LedgerController {
  constructor(@inject(Ledger) private readonly ledger: Ledger) {}

  @Get('/close') close() {
    return this.ledger.close(2026)
  }

  @Get('/request') request() {
    return this.ledger.duringRequest()
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return { entries: this.ledger.open() }
  }

  @Get('/anonymous')
  @AllowAnonymous()
  anonymous() {
    return this.ledger.close(2026)
  }
}

describe('a secured service behind a controller', () => {
  it('knows the caller of the request, and its refusals are responses', async () => {
    const app = await startApp({
      controllers: [LedgerController],
      bind: (container) => {
        bindPolicies(container)
        secured(container.bind(Ledger).toSelf()).inSingletonScope()
      },
    })
    try {
      const ann = await kit.makeToken({ sub: 'ann', roles: ['accountant'], scope: 'ledger:write' })
      const bob = await kit.makeToken({ sub: 'bob' })
      const status = async (path: string, token?: string) =>
        (await app.get(path, token === undefined ? {} : { token })).status
      expect(await status('/ledger/close', ann)).to.equal(200)
      expect(await status('/ledger/close', bob)).to.equal(403)
      expect(await status('/ledger/request', bob)).to.equal(200)
      expect(await status('/ledger/open')).to.equal(200)
      expect(await status('/ledger/anonymous', ann)).to.equal(401)
    } finally {
      await app.stop()
    }
  })
})

/** The problems a resolution fails with, each as `where: message`. */
function problemsOf(resolve: () => unknown): readonly string[] {
  try {
    resolve()
  } catch (error) {
    if (!(error instanceof AuthConfigurationError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`)
  }
  throw new Error('It was resolved, though it should not have been')
}

/** How often a security decorator is looked for while some work is done. */
function declarationsRead(work: () => unknown): number {
  const read = Reflect.getOwnMetadata
  let count = 0
  Reflect.getOwnMetadata = (...args: readonly unknown[]) => {
    if (args[0] === Symbol.for('inversify-koa-auth.security')) count++
    return Reflect.apply(read, Reflect, args)
  }
  try {
    work()
  } finally {
    Reflect.getOwnMetadata = read
  }
  return count
}

async function expectRejection(promise: Promise<unknown>, type: new (...args: never[]) => Error): Promise<void> {
  const outcome = await promise.then(
    () => 'nothing',
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(type)
}
