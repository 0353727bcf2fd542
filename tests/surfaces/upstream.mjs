// A server that signs as ours does and answers what the test says, on a port.
import { createServer } from "node:http";
import { FakeServer } from "../../www/checker/test/server.mjs";

/** A fake server on a port of loopback; it breaks connections where it is out of reach. */
export class Upstream extends FakeServer {
  /** Listens. `pages` are what it has beside the API, by path: a type, and what reads the text. */
  async listen(pages = {}, headers = {}) {
    this.http = createServer(async (request, response) => {
      this.now = Date.now();
      const page = pages[new URL(request.url, "http://upstream").pathname];
      if (page !== undefined) return response.writeHead(200, { "content-type": page[0], ...headers }).end(page[1]());
      try {
        const answer = await this.fetch(`http://upstream${request.url}`, { headers: request.headers });
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
      } catch {
        request.socket.destroy();
      }
    });
    await new Promise((resume) => this.http.listen(0, "127.0.0.1", resume));
    return `http://127.0.0.1:${this.http.address().port}`;
  }

  close() {
    this.http.close();
    this.http.closeAllConnections();
  }
}
