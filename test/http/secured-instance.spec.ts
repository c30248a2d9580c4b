import { inspect } from 'node:util'
import { expect } from 'chai'
import { Container, injectable, type Newable } from 'inversify'
import {
  AllowAnonymous,
  AuthConfigurationError,
  Authenticated,
  InsufficientPermissionsError,
  MissingTokenError,
  onAuthEvent,
  type Policy,
  type Principal,
  RequiresPolicy,
  RequiresRole,
  RequiresScope,
  SecurityContext,
  secured,
} from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { aPrincipal } from '../support/a-principal.js'

@injectable()
class OfAnn implements Policy {
  permits({ claims }: Principal): boolean {
    return claims.sub === 'ann'
  }
}

@injectable()
class OfAnnLater implements Policy {
  async permits({ claims }: Principal): Promise<boolean> {
    return claims.sub === 'ann'
  }
}

const NOTE = Symbol('note')

@injectable()
@RequiresRole('admin')
class Vault {
  readonly #opened: string[] = []
  #secret = 'gold'
  field = 'plain'
  callback = () => this.#secret
  declare readonly own: string

  constructor() {
    Object.defineProperty(this, 'own', { get: () => this.#reads('own'), configurable: true })
  }

  get secret(): string {
    return this.#reads('secret')
  }

  set secret(secret: string) {
    this.#opened.push('set')
    this.#secret = secret
  }

  set writeOnly(secret: string) {
    this.#secret = secret
  }

  get [NOTE](): string {
    return this.#reads('note')
  }

  @RequiresScope('vault:read')
  get narrow(): string {
    return this.#reads('narrow')
  }

  @RequiresPolicy(OfAnn)
  get anns(): string {
    return this.#reads('anns')
  }

  @AllowAnonymous()
  get kind(): string {
    return 'steel'
  }

  get self(): this {
    return this
  }

  get selfLater(): Promise<this> {
    return Promise.resolve(this)
  }

  get reader(): () => string {
    return () => this.#secret
  }

  @AllowAnonymous()
  look(): string {
    return this.secret
  }

  @AllowAnonymous()
  opened(): readonly string[] {
    return [...this.#opened]
  }

  #reads(what: string): string {
    this.#opened.push(what)
    return this.#secret
  }
}

@injectable()
class SubVault extends Vault {
  override get narrow(): string {
    return `sub ${super.narrow}`
  }

  override get kind(): string {
    return 'tin'
  }
}

@injectable()
class Registry extends Map<string, number> {}

const admin = aPrincipal({ sub: 'ann', roles: ['admin'], scopes: ['vault:read'] })
const otherAdmin = aPrincipal({ sub: 'eve', roles: ['admin'] })
const clerk = aPrincipal({ sub: 'bob', roles: ['clerk'] })
const as = <Result>(principal: Principal | undefined, work: () => Result) => SecurityContext.run(principal, work)

function instanceOf<Service>(service: Newable<Service>): Service {
  const container = new Container()
  container.bind(OfAnn).toSelf()
  container.bind(OfAnnLater).toSelf()
  secured(container.bind(service).toSelf())
  return container.get(service)
}

describe('an accessor of a secured instance', () => {
  const refused = [
    { who: 'nobody', principal: undefined, error: MissingTokenError },
    { who: 'a clerk', principal: clerk, error: InsufficientPermissionsError },
  ]

  it('asks for a method what it asks for, under whatever name it is found', () => {
    @injectable()
    class Archive {
      field = this.remove

      get handedOut(): () => string {
        return this.remove
      }

      @RequiresRole('admin')
      remove(): string {
        return 'removed'
      }
    }
    const container = new Container()
    secured(container.bind(Archive).toSelf())
    const archive = container.get(Archive)
    const guest = aPrincipal({ sub: 'eve' })
    expect(() => SecurityContext.run(guest, () => archive.field())).to.throw(InsufficientPermissionsError)
    expect(() => SecurityContext.run(guest, () => archive.handedOut())).to.throw(InsufficientPermissionsError)
  })

  for (const key of ['secret', 'own', NOTE, 'narrow', 'anns', 'self', 'selfLater', 'reader'] as const) {
    for (const { who, principal, error } of refused) {
      it(`is not read for ${who}: ${String(key)}`, () => {
        const vault = instanceOf(Vault)
        expect(() => as(principal, () => vault[key])).to.throw(error)
        expect(() => as(principal, () => Reflect.get(vault, key, {}))).to.throw(error)
        expect(() => as(principal, () => Object.create(vault)[key])).to.throw(error)
        expect(vault.opened()).to.deep.equal([])
      })
    }
  }

  for (const key of ['secret', 'own', NOTE, 'narrow', 'anns'] as const) {
    it(`is read for whom its rule lets in: ${String(key)}`, () => {
      const vault = instanceOf(Vault)
      expect(as(admin, () => vault[key])).to.equal('gold')
      expect(vault.opened()).to.have.length(1)
    })
  }

  for (const { key, error } of [
    { key: 'narrow', error: 'Requires one of scopes: vault:read' },
    { key: 'anns', error: 'Requires one of policies: OfAnn' },
  ] as const) {
    it(`has a rule of its own beside that of its class: ${key}`, () => {
      const vault = instanceOf(Vault)
      expect(() => as(otherAdmin, () => vault[key])).to.throw(InsufficientPermissionsError, error)
      expect(() => as(clerk, () => vault[key])).to.throw(InsufficientPermissionsError, 'roles: admin')
    })
  }

  for (const key of ['secret', 'writeOnly'] as const) {
    for (const { who, principal, error } of refused) {
      it(`is not written for ${who}: ${key}`, () => {
        const vault = instanceOf(Vault)
        expect(() =>
          as(principal, () => {
            vault[key] = 'lead'
          }),
        ).to.throw(error)
        expect(vault.look()).to.equal('gold')
      })
    }

    it(`is written for whom its rule lets in: ${key}`, () => {
      const vault = instanceOf(Vault)
      as(admin, () => {
        vault[key] = 'lead'
      })
      expect(vault.look()).to.equal('lead')
    })
  }

  it('that is only read is not written, whoever tries', () => {
    const vault = instanceOf(Vault)
    expect(() => as(admin, () => Object.assign(vault, { kind: 'tin' }))).to.throw(TypeError)
    expect(() => as(admin, () => Object.assign(vault, { anns: 'tin' }))).to.throw(TypeError)
    expect(() => as(clerk, () => Object.assign(vault, { anns: 'tin' }))).to.throw(InsufficientPermissionsError)
  })

  it('is open where it says so, and to the methods of its own instance', () => {
    const vault = instanceOf(Vault)
    expect(vault.kind).to.equal('steel')
    expect(vault.look()).to.equal('gold')
  })

  it('hands out nothing that is not guarded', async () => {
    const vault = instanceOf(Vault)
    const { self, selfLater, reader } = as(admin, () => ({
      self: vault.self,
      selfLater: vault.selfLater,
      reader: vault.reader,
    }))
    expect(self).to.equal(vault)
    expect(await selfLater).to.equal(vault)
    expect(() => reader()).to.throw(MissingTokenError)
    expect(as(admin, reader)).to.equal('gold')
  })

  it('inherits restrictions, and no openings', () => {
    const vault = instanceOf(SubVault)
    expect(() => vault.kind).to.throw(MissingTokenError)
    expect(as(admin, () => vault.kind)).to.equal('tin')
    expect(() => as(otherAdmin, () => vault.narrow)).to.throw(InsufficientPermissionsError, 'scopes: vault:read')
    expect(as(admin, () => vault.narrow)).to.equal('sub gold')
  })

  it('wants somebody signed in where nothing is said, also when it comes from a class of the language', () => {
    const registry = instanceOf(Registry)
    expect(() => registry.size).to.throw(MissingTokenError)
    expect(as(clerk, () => registry.set('a', 1).size)).to.equal(1)
  })

  it('is noted once when it is refused', () => {
    const denied: unknown[] = []
    const stop = onAuthEvent('denied', (event) => denied.push(event))
    expect(() => as(clerk, () => instanceOf(Vault).reader)).to.throw(InsufficientPermissionsError)
    stop()
    expect(denied).to.have.length(1)
  })

  it('fails like a method for mistakes in its decorators', () => {
    class Unbound extends OfAnn {}
    @injectable()
    class Mistaken {
      @AllowAnonymous()
      @RequiresRole('admin')
      get contradictory() {
        return raise()
      }

      @RequiresPolicy(Unbound)
      set unbound(_value: string) {}

      @RequiresPolicy(OfAnnLater)
      get impatient() {
        return raise()
      }
    }
    expect(problemsOf(() => instanceOf(Mistaken))).to.deep.equal([
      'Mistaken.contradictory: @AllowAnonymous contradicts @RequiresRole; keep one of them',
      "Mistaken.unbound: needs policy Unbound, which the container can't resolve",
      'Mistaken.impatient: is not async, but policy OfAnnLater is: it can not wait for it',
    ])
  })
})

describe('a field of a secured instance', () => {
  it('that is a function asks for what its class asks for', () => {
    const { callback } = instanceOf(Vault)
    expect(() => as(undefined, callback)).to.throw(MissingTokenError)
    expect(() => as(clerk, callback)).to.throw(InsufficientPermissionsError, 'roles: admin')
    expect(as(admin, callback)).to.equal('gold')
  })

  it('is open, as it is on any object: to read, to write, to take away', () => {
    const vault = instanceOf(Vault) as Partial<Vault>
    expect(vault.field).to.equal('plain')
    vault.field = 'written'
    expect(vault.field).to.equal('written')
    delete vault.field
    expect('field' in vault).to.equal(false)
  })
})

describe('a class of secured instances', () => {
  it('that contradicts itself is told so once, at the class, also where it has no methods', () => {
    for (const members of [
      class {},
      class Members {
        one() {}
        two() {}
      },
    ]) {
      class Both extends members {
        callback = () => 'called'
      }
      for (const decorate of [AllowAnonymous(), RequiresRole('admin'), injectable()]) decorate(Both)
      expect(problemsOf(() => instanceOf(Both))).to.deep.equal([
        'Both: @AllowAnonymous contradicts @RequiresRole; keep one of them',
      ])
    }
  })
})

describe('a secured instance that is frozen', () => {
  @injectable()
  class Frozen {
    readonly #count = 1
    readonly label = 'frozen'
    readonly callback = () => this.#count
    readonly later = async () => this.#count
    declare readonly own: number

    constructor() {
      Object.defineProperty(this, 'own', { get: () => this.#count })
      Object.freeze(this)
    }

    @RequiresRole('admin')
    count(): number {
      return this.#count
    }

    get total(): number {
      return this.#count
    }
  }

  it('is guarded like any other, functions of its own included', async () => {
    const service = instanceOf(Frozen)
    expect(() => service.callback()).to.throw(MissingTokenError)
    expect(() => service.own).to.throw(MissingTokenError)
    expect(() => service.total).to.throw(MissingTokenError)
    expect(() => as(clerk, () => service.count())).to.throw(InsufficientPermissionsError)
    expect(await service.later().catch((error: unknown) => error)).to.be.instanceOf(MissingTokenError)
    expect(as(clerk, () => [service.callback(), service.own, service.total])).to.deep.equal([1, 1, 1])
    expect(await as(clerk, () => service.later())).to.equal(1)
    expect(as(admin, () => service.count())).to.equal(1)
    expect(service.callback).to.equal(service.callback)
  })

  it('stays as it is', () => {
    const service = instanceOf(Frozen) as { label?: string; other?: string }
    expect(service.label).to.equal('frozen')
    expect(() => Object.assign(service, { label: 'changed' })).to.throw(TypeError)
    expect(() => Object.assign(service, { other: 'added' })).to.throw(TypeError)
    expect(() => delete service.label).to.throw(TypeError)
    expect(() => Object.defineProperty(service, 'other', { value: 1 })).to.throw(TypeError)
    expect(Object.keys(service)).to.deep.equal(['label', 'callback', 'later'])
  })
})

describe('a secured instance, looked at from outside,', () => {
  @injectable()
  class Plain {
    readonly name = 'plain'
    count = 1
    callback = () => this.count

    @Authenticated()
    act(): string {
      return this.name
    }
  }

  for (const { what, look, sees } of [
    { what: 'its keys', look: Object.keys, sees: ['name', 'count', 'callback'] },
    { what: 'its fields as JSON', look: JSON.stringify, sees: '{"name":"plain","count":1}' },
    { what: 'whether it has a field', look: (it: Plain) => 'count' in it && Object.hasOwn(it, 'count'), sees: true },
    { what: 'whether it has a method', look: (it: Plain) => 'act' in it && !Object.hasOwn(it, 'act'), sees: true },
    { what: 'whether it has something else', look: (it: Plain) => 'other' in it, sees: false },
    { what: 'its prototype', look: Object.getPrototypeOf, sees: Plain.prototype },
    { what: 'a descriptor', look: (it: Plain) => Object.getOwnPropertyDescriptor(it, 'count')?.value, sees: 1 },
    { what: 'no descriptor', look: (it: Plain) => Object.getOwnPropertyDescriptor(it, 'act'), sees: undefined },
    {
      what: 'what a debugger prints',
      look: (it: Plain) => inspect(it).replaceAll(/\s+/g, ' '),
      sees: inspect(new Plain()).replaceAll(/\s+/g, ' '),
    },
  ] as readonly { what: string; look: (it: Plain) => unknown; sees: unknown }[]) {
    it(`shows what it is: ${what}`, () => {
      expect(look(instanceOf(Plain))).to.deep.equal(sees)
    })
  }

  it('guards the functions that it is copied with', () => {
    const { callback } = { ...instanceOf(Plain) }
    expect(callback).to.throw(MissingTokenError)
  })

  it('takes new members, and what it is given is what its methods see', () => {
    const service = instanceOf(Plain)
    Object.defineProperty(service, 'name', { value: 'defined' })
    expect(as(clerk, () => service.act())).to.equal('defined')
    class Other extends Plain {
      override act(): string {
        return 'other'
      }
    }
    Object.setPrototypeOf(service, Other.prototype)
    expect(service).to.be.instanceOf(Other)
    expect(as(clerk, () => service.act())).to.equal('other')
  })

  it('is not frozen from there: that is for the class to do', () => {
    const service = instanceOf(Plain)
    expect(() => Object.freeze(service)).to.throw(TypeError)
    expect(() => Object.defineProperty(service, 'other', { value: 1, configurable: false })).to.throw(TypeError)
    expect('other' in service).to.equal(false)
    service.count = 2
    expect(as(clerk, () => service.callback())).to.equal(2)
  })
})

/** What the resolution of a service fails with, the container's own words left out. */
function problemsOf(resolve: () => unknown): readonly string[] {
  try {
    resolve()
  } catch (error) {
    if (!(error instanceof AuthConfigurationError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message.replace(/(can't resolve): .*/s, '$1')}`)
  }
  throw new Error('It was resolved, though it should not have been')
}

function raise(): never {
  throw new Error('was read at start-up')
}
