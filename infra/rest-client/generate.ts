import { generateApi } from 'swagger-typescript-api'

export const clientFile = 'ringway-api.ts'

/**
 * Writes a TypeScript client of the REST API, without dependencies, into a folder.
 * @param options.document The OpenAPI document, as a file or URL.
 */
export async function generateClient(options: { document: string; folder: string }): Promise<void> {
  const source = /^https?:/.test(options.document) ? { url: options.document } : { input: options.document }
  await generateApi({
    ...source,
    output: options.folder,
    fileName: clientFile,
    httpClientType: 'fetch',
    apiClassName: 'RingwayApi',
    generateUnionEnums: true,
    silent: true,
  })
}
