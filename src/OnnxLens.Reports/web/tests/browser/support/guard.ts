import type { Page } from '@playwright/test';

/**
 * Notes everything that a page must never do: an error in a script or in the console, a breach of its policy, a request for
 * anything but the file itself.
 */
export class Guard {
    readonly problems: string[] = [];
    #url = '';

    /** Watches a page that has not been opened yet. */
    static async watch(page: Page): Promise<Guard> {
        const guard = new Guard();
        page.on('pageerror', (error) => guard.problems.push(`error: ${error.message}`));
        page.on('console', (message) => {
            if (message.type() === 'error' || message.type() === 'warning') {
                guard.problems.push(`console ${message.type()}: ${message.text()}`);
            }
        });
        page.on('dialog', (dialog) => {
            guard.problems.push(`dialog: ${dialog.message()}`);
            void dialog.dismiss();
        });
        page.on('popup', (popup) => guard.problems.push(`window: ${popup.url()}`));
        page.on('websocket', (socket) => guard.problems.push(`socket: ${socket.url()}`));
        page.on('request', (request) => guard.#request(request.url()));
        page.on('framenavigated', (frame) => guard.#request(frame.url()));
        await page.addInitScript(() => {
            document.addEventListener('securitypolicyviolation', (breach) => {
                console.error(`policy: ${breach.violatedDirective} ${breach.blockedURI} ${breach.sample}`);
            });
        });
        return guard;
    }

    /** Says which file may be asked for. */
    allow(url: string): void {
        this.#url = url;
    }

    #request(url: string): void {
        const bare = url.replace(/[?#].*$/s, '');
        if (bare !== this.#url && !/^(data:|blob:|about:blank$)/.test(url)) {
            this.problems.push(`request: ${url.slice(0, 200)}`);
        }
    }
}
