import { join, relative, sep } from 'node:path'
import { violations } from './import-table.ts'

/** What the rules below read of a lint context and of ESTree with TypeScript's additions; the linter exports no types for plugins. */
interface Context {
  readonly filename: string
  report(problem: { node: object; message: string }): void
}

interface ImportLike {
  readonly source: { readonly value?: unknown } | null
  readonly importKind?: string
  readonly exportKind?: string
  readonly specifiers?: readonly { readonly importKind?: string; readonly exportKind?: string }[]
}

const root = join(import.meta.dirname, '..', '..')

/** Who may import whom (import-table.ts): static and dynamic imports, re-exports and types. */
const imports = {
  create(context: Context) {
    const file = relative(root, context.filename).split(sep).join('/')
    const judge = (node: ImportLike, options: { typeOnly: boolean }): void => {
      const specifier = node.source?.value
      if (typeof specifier !== 'string') return
      for (const { message } of violations(file, specifier, options)) context.report({ node, message })
    }
    const judgeStatic = (node: ImportLike): void => judge(node, { typeOnly: isTypeOnly(node) })
    return {
      ImportDeclaration: judgeStatic,
      ExportNamedDeclaration: judgeStatic,
      ExportAllDeclaration: judgeStatic,
      ImportExpression: (node: ImportLike) => judge(node, { typeOnly: false }),
      TSImportType: (node: ImportLike) => judge(node, { typeOnly: true }),
    }
  },
}

/** A module says what it exports, so that a reader finds it. */
const noExportAll = {
  create(context: Context) {
    return {
      ExportAllDeclaration: (node: object) => context.report({ node, message: 'Name what is exported instead of export *.' }),
    }
  },
}

function isTypeOnly({ importKind, exportKind, specifiers = [] }: ImportLike): boolean {
  if (importKind === 'type' || exportKind === 'type') return true
  return specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === 'type' || specifier.exportKind === 'type')
}

export default { meta: { name: 'house' }, rules: { imports, 'no-export-all': noExportAll } }
