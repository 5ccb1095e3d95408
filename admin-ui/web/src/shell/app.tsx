// The frame: top bar, banners, navigation, and the page that the address names.
import { Component, type ComponentChildren, type CSSProperties, type JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError, loadSession, messageOf, session } from "../core/client";
import { listenForKeys, type Shortcut } from "../core/keys";
import { paused, theme, zone } from "../core/prefs";
import { refreshAll } from "../core/resource";
import { followLinks, navigate, path } from "../core/router";
import { shell } from "../en/shell";
import { Link } from "../ui/button";
import { Empty, Failure, Loading } from "../ui/states";
import { Toasts } from "../ui/toast";
import { Banners } from "./banners";
import { Nav } from "./nav";
import { findRoute, type PageComponent, type Route } from "./routes";
import { Search } from "./search";
import { ShortcutList } from "./shortcut_list";
import { nextTheme, TopBar } from "./top_bar";

/** A page that throws takes only itself down. */
class Fence extends Component<{ of: string; children: ComponentChildren }, { error: unknown; of: string }> {
  override state = { error: null as unknown, of: this.props.of };
  static override getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }
  override componentDidUpdate(): void {
    if (this.state.of !== this.props.of) this.setState({ error: null, of: this.props.of });
  }
  override render(): ComponentChildren {
    if (this.state.error === null) return this.props.children;
    return <Empty title={shell.pageFailed}><p class="muted">{messageOf(this.state.error)}</p></Empty>;
  }
}

function pageOf(module: object, route: Route): PageComponent | null {
  return (module as Record<string, PageComponent | undefined>)[route.page] ?? null;
}

function Page(): JSX.Element {
  const found = useMemo(() => findRoute(path.value), [path.value]);
  const [loaded, setLoaded] = useState<{ key: string; page: PageComponent | null; error: string | null } | null>(null);
  const key = found ? found.route.page : "";
  useEffect(() => {
    if (!found) return;
    let alive = true;
    found.route.load().then(
      (module) => alive && setLoaded({ key, page: pageOf(module, found.route), error: null }),
      (error: unknown) => alive && setLoaded({ key, page: null, error: messageOf(error) }),
    );
    return () => { alive = false; };
  }, [key]);
  if (!found) {
    return <Empty title={shell.notFound} action={<Link class="button plain" to="/overview">{shell.toOverview}</Link>}>
      <p>{shell.notFoundText}</p>
    </Empty>;
  }
  if (loaded?.key !== key) return <Loading />;
  if (loaded.page === null) return <Empty title={shell.pageFailed}><p>{loaded.error}</p></Empty>;
  const View = loaded.page;
  return <Fence of={path.value}><View params={found.params} /></Fence>;
}

/** To the tab before or after the one that is open. */
function stepTab(by: number): void {
  const tabs = [...document.querySelectorAll<HTMLAnchorElement>(".tabs a")];
  const at = tabs.findIndex((tab) => tab.ariaCurrent === "page" || tab.getAttribute("aria-current") === "page");
  tabs[(at + by + tabs.length) % Math.max(1, tabs.length)]?.click();
}

export function App(): JSX.Element {
  const [dialog, setDialog] = useState<"search" | "shortcuts" | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const begin = (): void => {
    setProblem(null);
    loadSession().catch((error: unknown) => setProblem(error instanceof ApiError ? error : null));
  };
  useEffect(begin, []);
  useEffect(() => {
    const shortcuts: Shortcut[] = [
      { keys: "/", run: () => window.dispatchEvent(new Event("console:filter")) },
      { keys: "g o", run: () => navigate("/overview") },
      { keys: "g t", run: () => navigate("/topics") },
      { keys: "g g", run: () => navigate("/groups") },
      { keys: "g c", run: () => navigate("/clients") },
      { keys: "g b", run: () => navigate("/brokers") },
      { keys: "g p", run: () => navigate("/performance") },
      { keys: "[", run: () => stepTab(-1) },
      { keys: "]", run: () => stepTab(1) },
      { keys: "r", run: refreshAll },
      { keys: "p", run: () => (paused.value = !paused.value) },
      { keys: "t", run: () => (theme.value = nextTheme(theme.value)) },
      { keys: "u", run: () => (zone.value = zone.value === "utc" ? "local" : "utc") },
      { keys: "?", run: () => setDialog("shortcuts") },
    ];
    document.addEventListener("click", followLinks);
    const stop = listenForKeys(shortcuts, () => setDialog("search"));
    return () => {
      document.removeEventListener("click", followLinks);
      stop();
    };
  }, []);
  const colour = session.value?.cluster_colour ?? "";
  return (
    <div class="frame" style={/^#[0-9a-fA-F]{3,8}$/.test(colour) ? ({ "--cluster": colour } as CSSProperties) : undefined}>
      <a class="skip" href="#content" data-native onClick={(event) => {
        event.preventDefault();
        document.querySelector<HTMLElement>("main h1")?.focus();
      }}>{shell.skip}</a>
      <TopBar onSearch={() => setDialog("search")} />
      <Nav />
      <div class="content">
        <Banners />
        <main id="content">
          {problem ? <Failure error={problem} onRetry={begin} /> : session.value ? <Page /> : <Loading />}
        </main>
      </div>
      {dialog === "search" && <Search onClose={() => setDialog(null)} />}
      {dialog === "shortcuts" && <ShortcutList onClose={() => setDialog(null)} />}
      <Toasts />
    </div>
  );
}
