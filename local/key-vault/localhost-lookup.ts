/**
 * Preload (`node --import …/localhost-lookup.ts`): every name under `.localhost` resolves to 127.0.0.1, as RFC 6761
 * says it should. Many systems' resolvers answer ENOTFOUND instead, and the Key Vault client accepts no bare IP address.
 */
import dns, { type LookupAddress, type LookupOptions } from 'node:dns';

type Callback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;
type Lookup = (hostname: string, options: LookupOptions | number | Callback, callback?: Callback) => void;

const systemLookup = dns.lookup as Lookup;

const lookup: Lookup = (hostname, options, callback) => {
  const done = typeof options === 'function' ? options : callback;
  if (done === undefined || !/\.localhost\.?$/i.test(hostname)) return systemLookup(hostname, options, callback);
  const wantsAll = typeof options === 'object' && options.all === true;
  process.nextTick(() => {
    if (wantsAll) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  });
};

// `net` and `tls` read the property at connect time; a named import of `lookup` elsewhere is not their concern.
dns.lookup = lookup as typeof dns.lookup;
