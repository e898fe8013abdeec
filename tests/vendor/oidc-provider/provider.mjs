// The certified oidc-provider with one client, the portal. Whoever types a login is that person; any password does.
//   node provider.mjs '{"port": 0, "client": {...}}'
// It prints its address when it answers, and stops when its standard input ends. A line "forward 60" there puts its
// clock forward by a minute.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "./oidc-provider.mjs";

const { port, client } = JSON.parse(process.argv[2]);
// A browser does not go by this clock: its cookies last as long as it runs.
const lasting = (cookie) => cookie.replace(/; expires=(?!Thu, 01 Jan 1970)[^;]*/i, "");
const server = createServer((request, response) => {
  // As the last thing: oidc-provider adds an expiry to the cookies that are set already.
  const head = response.writeHead;
  response.writeHead = function (...given) {
    const set = this.getHeader("set-cookie");
    if (set) this.setHeader("set-cookie", [set].flat().map(lasting));
    return head.apply(this, given);
  };
  listener(request, response);
});
let listener = (_request, response) => response.end();
server.listen(port, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client],
    features: {
      devInteractions: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    pkce: { required: () => true },
    claims: { openid: ["sub", "employee"], profile: ["name"], acr: null, auth_time: null, sid: null },
    acrValues: ["test"],
    conformIdTokenClaims: false,
    cookies: { keys: ["only for tests and demos"] },
    async findAccount(_ctx, id) {
      return { accountId: id, claims: async () => ({ sub: id, employee: id, name: id }) };
    },
    async loadExistingGrant(ctx) {
      const { oidc } = ctx, id = oidc.session.grantIdFor(oidc.client.clientId);
      if (id) return oidc.provider.Grant.find(id);
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
  });
  listener = provider.callback();
  console.log(issuer);
});

const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;
createInterface({ input: process.stdin })
  .on("line", (line) => { ahead += Number(line.split(" ")[1]) * 1000; console.log("done"); })
  .on("close", () => process.exit(0));
