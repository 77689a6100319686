<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>AboutDialog</name>
        <message>
            <source>About Modelkeep</source>
            <translation>关于 Modelkeep</translation>
        </message>
        <message>
            <source>Keeps the machine-learning models of a machine.</source>
            <translation>管理本机上的机器学习模型。</translation>
        </message>
        <message>
            <source>Open source under the Apache License 2.0. It calls nobody unless you ask it to.</source>
            <translation>以 Apache License 2.0 开源。除非您要求，否则不会联网。</translation>
        </message>
        <message>
            <source>&amp;Copy versions</source>
            <translation>复制版本信息(&amp;C)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>AboutFinding</name>
        <message>
            <source>Show &amp;model</source>
            <translation>查看模型(&amp;M)</translation>
        </message>
        <message>
            <source>Open &amp;folder</source>
            <translation>打开文件夹(&amp;F)</translation>
        </message>
        <message>
            <source>Choose a line to read what it is and what its repair does.</source>
            <translation>选择一行，查看问题说明和修复方式。</translation>
        </message>
        <message>
            <source>Costs {}</source>
            <translation>占用 {}</translation>
        </message>
        <message>
            <source>What you can do: {}</source>
            <translation>您可以这样做：{}</translation>
        </message>
        <message>
            <source>It can be undone from the trash.</source>
            <translation>可从回收站撤销。</translation>
        </message>
        <message>
            <source>Repair: {}</source>
            <translation>修复：{}</translation>
        </message>
        <message>
            <source>Not now: {}</source>
            <translation>暂不可修复：{}</translation>
        </message>
    </context>
    <context>
        <name>AboutModel</name>
        <message>
            <source>Address of its page</source>
            <translation>页面地址</translation>
        </message>
        <message>
            <source>Copy the address of its page</source>
            <translation>复制页面地址</translation>
        </message>
        <message>
            <source>{} (tag)</source>
            <translation>{}（标签）</translation>
        </message>
        <message>
            <source>branch, tag or commit</source>
            <translation>分支、标签或提交</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Rev&amp;ision</source>
            <translation>修订版本(&amp;I)</translation>
        </message>
    </context>
    <context>
        <name>AboutRegistered</name>
        <message>
            <source>Copy the Python code</source>
            <translation>复制 Python 代码</translation>
        </message>
        <message>
            <source>{} models are selected.</source>
            <translation>已选 {} 个模型。</translation>
        </message>
        <message>
            <source>Choose a model to read where it is, and how a program loads it.</source>
            <translation>选择一个模型，查看它的位置和程序加载它的方式。</translation>
        </message>
    </context>
    <context>
        <name>Actions</name>
        <message>
            <source>&amp;Import…</source>
            <translation>导入(&amp;I)…</translation>
        </message>
        <message>
            <source>Import archives or folders</source>
            <translation>导入归档或文件夹</translation>
        </message>
        <message>
            <source>&amp;Export…</source>
            <translation>导出(&amp;E)…</translation>
        </message>
        <message>
            <source>Export the selected models as archives</source>
            <translation>将所选模型导出为归档</translation>
        </message>
        <message>
            <source>D&amp;ownload…</source>
            <translation>下载(&amp;O)…</translation>
        </message>
        <message>
            <source>Download a model from a hub</source>
            <translation>从 Hub 下载模型</translation>
        </message>
        <message>
            <source>Pus&amp;h…</source>
            <translation>推送(&amp;H)…</translation>
        </message>
        <message>
            <source>Send the selected model to a hub</source>
            <translation>将所选模型发送到 Hub</translation>
        </message>
        <message>
            <source>Chec&amp;k for updates</source>
            <translation>检查更新(&amp;K)</translation>
        </message>
        <message>
            <source>Ask whether hubs have something newer</source>
            <translation>查询 Hub 上是否有更新的内容</translation>
        </message>
        <message>
            <source>&amp;Verify</source>
            <translation>校验(&amp;V)</translation>
        </message>
        <message>
            <source>See whether the selected models, or all, are what they should be</source>
            <translation>检查所选模型（未选则为全部模型）的文件是否完好</translation>
        </message>
        <message>
            <source>Ver&amp;ify, reading everything</source>
            <translation>完整校验(&amp;I)</translation>
        </message>
        <message>
            <source>Read every file again, also what has not changed since it was read</source>
            <translation>重新读取每个文件，包括上次读取后未改动的文件</translation>
        </message>
        <message>
            <source>&amp;Mend…</source>
            <translation>修补(&amp;M)…</translation>
        </message>
        <message>
            <source>Find good copies of files that are not what they should be, and put them in place</source>
            <translation>查找有问题文件的完好副本，并用其替换</translation>
        </message>
        <message>
            <source>Try &amp;it…</source>
            <translation>试用(&amp;I)…</translation>
        </message>
        <message>
            <source>Ask the selected model something, on this machine</source>
            <translation>在本机向所选模型提问</translation>
        </message>
        <message>
            <source>Fine-tune on e&amp;xamples…</source>
            <translation>用示例微调(&amp;X)…</translation>
        </message>
        <message>
            <source>Teach the selected model from examples of yours, as a model of its own</source>
            <translation>用您的示例训练所选模型，生成一个新模型</translation>
        </message>
        <message>
            <source>Try &amp;loading offline…</source>
            <translation>离线试加载(&amp;L)…</translation>
        </message>
        <message>
            <source>Prove that the model loads without a network</source>
            <translation>证明模型无需网络即可加载</translation>
        </message>
        <message>
            <source>&amp;Scan for unsafe content</source>
            <translation>扫描不安全内容(&amp;S)</translation>
        </message>
        <message>
            <source>See what would run when models are loaded</source>
            <translation>查看加载模型时会运行什么</translation>
        </message>
        <message>
            <source>Convert to s&amp;afetensors…</source>
            <translation>转换为 safetensors(&amp;A)…</translation>
        </message>
        <message>
            <source>Make weights that hold only numbers, as a new revision</source>
            <translation>生成只含数值的权重，作为新的修订版本</translation>
        </message>
        <message>
            <source>D&amp;octor</source>
            <translation>诊断(&amp;O)</translation>
        </message>
        <message>
            <source>What is wrong with the caches, and what mends it</source>
            <translation>缓存有哪些问题，如何修复</translation>
        </message>
        <message>
            <source>&amp;Activity</source>
            <translation>活动记录(&amp;A)</translation>
        </message>
        <message>
            <source>What was done, by whom and when</source>
            <translation>谁在何时做了什么</translation>
        </message>
        <message>
            <source>Re&amp;gistered models</source>
            <translation>已注册的模型(&amp;G)</translation>
        </message>
        <message>
            <source>Models by names of their own, and whether they are here</source>
            <translation>以自定名称注册的模型，以及本机是否已有</translation>
        </message>
        <message>
            <source>Re&amp;gister this model…</source>
            <translation>注册此模型(&amp;G)…</translation>
        </message>
        <message>
            <source>Give the selected model a name that programs load it by</source>
            <translation>为所选模型指定供程序加载的名称</translation>
        </message>
        <message>
            <source>&amp;Trainings</source>
            <translation>训练(&amp;T)</translation>
        </message>
        <message>
            <source>What is being fine-tuned, and how it goes</source>
            <translation>正在微调的模型及其进度</translation>
        </message>
        <message>
            <source>S&amp;hare this cache…</source>
            <translation>共享此缓存(&amp;H)…</translation>
        </message>
        <message>
            <source>Be a hub for other machines of this network</source>
            <translation>作为本网络中其他机器的 Hub</translation>
        </message>
        <message>
            <source>Carr&amp;y to an isolated site…</source>
            <translation>携带到隔离站点(&amp;Y)…</translation>
        </message>
        <message>
            <source>Pack models for a site that no network reaches, without what it has</source>
            <translation>为没有网络的站点打包模型，对方已有的不再打包</translation>
        </message>
        <message>
            <source>Say &amp;what this site has…</source>
            <translation>说明本站点已有的内容(&amp;W)…</translation>
        </message>
        <message>
            <source>Write down what is here for a connected site, and import what it packs</source>
            <translation>为联网站点写下本站点已有的内容，并导入其打包的内容</translation>
        </message>
        <message>
            <source>Work o&amp;ffline</source>
            <translation>离线工作(&amp;F)</translation>
        </message>
        <message>
            <source>Nothing leaves this machine</source>
            <translation>本机不向外发送任何内容</translation>
        </message>
        <message>
            <source>&amp;Delete…</source>
            <translation>删除(&amp;D)…</translation>
        </message>
        <message>
            <source>Delete what is selected, with undo</source>
            <translation>删除所选内容，可撤销</translation>
        </message>
        <message>
            <source>&amp;Free up space…</source>
            <translation>释放空间(&amp;F)…</translation>
        </message>
        <message>
            <source>See what was not used for longest, and let it go</source>
            <translation>查看最久未使用的内容并清理</translation>
        </message>
        <message>
            <source>&amp;Undo delete</source>
            <translation>撤销删除(&amp;U)</translation>
        </message>
        <message>
            <source>Put back what was deleted last</source>
            <translation>恢复上次删除的内容</translation>
        </message>
        <message>
            <source>&amp;Pin</source>
            <translation>固定(&amp;P)</translation>
        </message>
        <message>
            <source>Keep the selected models from being removed</source>
            <translation>防止所选模型被移除</translation>
        </message>
        <message>
            <source>U&amp;npin</source>
            <translation>取消固定(&amp;N)</translation>
        </message>
        <message>
            <source>Let the selected models be removed</source>
            <translation>允许移除所选模型</translation>
        </message>
        <message>
            <source>&amp;Copy name</source>
            <translation>复制名称(&amp;C)</translation>
        </message>
        <message>
            <source>Copy the names of what is selected</source>
            <translation>复制所选内容的名称</translation>
        </message>
        <message>
            <source>Copy pa&amp;th</source>
            <translation>复制路径(&amp;T)</translation>
        </message>
        <message>
            <source>Copy the paths of what is selected</source>
            <translation>复制所选内容的路径</translation>
        </message>
        <message>
            <source>&amp;Open folder</source>
            <translation>打开文件夹(&amp;O)</translation>
        </message>
        <message>
            <source>Show the model's folder</source>
            <translation>显示模型所在的文件夹</translation>
        </message>
        <message>
            <source>&amp;Scan again</source>
            <translation>重新扫描(&amp;S)</translation>
        </message>
        <message>
            <source>Look at all caches again</source>
            <translation>重新扫描所有缓存</translation>
        </message>
        <message>
            <source>Add a &amp;cache…</source>
            <translation>添加缓存(&amp;C)…</translation>
        </message>
        <message>
            <source>Show another cache folder too</source>
            <translation>同时显示另一个缓存文件夹</translation>
        </message>
        <message>
            <source>&amp;Filter</source>
            <translation>筛选(&amp;F)</translation>
        </message>
        <message>
            <source>Filter the models as you type</source>
            <translation>边输入边筛选模型</translation>
        </message>
        <message>
            <source>Empty t&amp;rash…</source>
            <translation>清空回收站(&amp;R)…</translation>
        </message>
        <message>
            <source>Remove what is in the trash for good</source>
            <translation>彻底删除回收站中的内容</translation>
        </message>
        <message>
            <source>&amp;Map</source>
            <translation>分布图(&amp;M)</translation>
        </message>
        <message>
            <source>Show the models as areas, as large as what they take</source>
            <translation>以面积显示各模型占用的空间</translation>
        </message>
        <message>
            <source>&amp;Details</source>
            <translation>详细信息(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Jobs</source>
            <translation>后台任务(&amp;J)</translation>
        </message>
        <message>
            <source>Side&amp;bar</source>
            <translation>侧边栏(&amp;B)</translation>
        </message>
        <message>
            <source>&amp;Preferences…</source>
            <translation>首选项(&amp;P)…</translation>
        </message>
        <message>
            <source>&amp;Quit</source>
            <translation>退出(&amp;Q)</translation>
        </message>
        <message>
            <source>&amp;Keyboard shortcuts</source>
            <translation>键盘快捷键(&amp;K)</translation>
        </message>
        <message>
            <source>&amp;About Modelkeep</source>
            <translation>关于 Modelkeep(&amp;A)</translation>
        </message>
        <message>
            <source>&amp;Fetch…</source>
            <translation>取回(&amp;F)…</translation>
        </message>
        <message>
            <source>Bring the selected model into a cache</source>
            <translation>将所选模型取回到缓存</translation>
        </message>
        <message>
            <source>Cop&amp;y to…</source>
            <translation>复制到(&amp;Y)…</translation>
        </message>
        <message>
            <source>Copy the selected model to a remote or a cache</source>
            <translation>将所选模型复制到远程仓库或缓存</translation>
        </message>
        <message>
            <source>&amp;Move to…</source>
            <translation>移动到(&amp;M)…</translation>
        </message>
        <message>
            <source>Copy it, verify the copy, then delete it on this remote</source>
            <translation>先复制并校验副本，再从此远程仓库删除</translation>
        </message>
        <message>
            <source>&amp;Tag as…</source>
            <translation>设置标签(&amp;T)…</translation>
        </message>
        <message>
            <source>Let a name such as production lead to a revision</source>
            <translation>让 production 等名称指向某个修订版本</translation>
        </message>
        <message>
            <source>&amp;Delete on the remote…</source>
            <translation>从远程仓库删除(&amp;D)…</translation>
        </message>
        <message>
            <source>See what that takes away, then delete it there</source>
            <translation>先查看将删除的内容，再从远程仓库删除</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>删除</translation>
        </message>
        <message>
            <source>Bring back de&amp;leted…</source>
            <translation>恢复已删除的内容(&amp;L)…</translation>
        </message>
        <message>
            <source>Restore what was deleted from the remote</source>
            <translation>恢复从远程仓库删除的内容</translation>
        </message>
        <message>
            <source>&amp;Verify the remote</source>
            <translation>校验远程仓库(&amp;V)</translation>
        </message>
        <message>
            <source>See whether all is there that should be</source>
            <translation>查看应有的内容是否齐全</translation>
        </message>
        <message>
            <source>Verify</source>
            <translation>校验</translation>
        </message>
        <message>
            <source>Verify, readi&amp;ng everything</source>
            <translation>完整校验(&amp;N)</translation>
        </message>
        <message>
            <source>Read and hash every content of the remote</source>
            <translation>读取远程仓库的全部内容并计算哈希</translation>
        </message>
        <message>
            <source>Collect &amp;garbage…</source>
            <translation>回收垃圾(&amp;G)…</translation>
        </message>
        <message>
            <source>Remove contents that nothing needs any more</source>
            <translation>移除不再需要的内容</translation>
        </message>
        <message>
            <source>&amp;Sync…</source>
            <translation>同步(&amp;S)…</translation>
        </message>
        <message>
            <source>Make one place have what another place has</source>
            <translation>使一个位置拥有另一位置的内容</translation>
        </message>
        <message>
            <source>F&amp;ollow…</source>
            <translation>关注(&amp;O)…</translation>
        </message>
        <message>
            <source>Keep models of the remote here, up to date</source>
            <translation>在本机保留远程仓库的模型并保持最新</translation>
        </message>
        <message>
            <source>&amp;Add a remote…</source>
            <translation>添加远程仓库(&amp;A)…</translation>
        </message>
        <message>
            <source>A folder, an S3 store or a hub</source>
            <translation>文件夹、S3 存储库或 Hub</translation>
        </message>
        <message>
            <source>&amp;Edit the remote…</source>
            <translation>编辑远程仓库(&amp;E)…</translation>
        </message>
        <message>
            <source>Change where it is and its key</source>
            <translation>更改其位置和密钥</translation>
        </message>
        <message>
            <source>Test the &amp;connection</source>
            <translation>测试连接(&amp;C)</translation>
        </message>
        <message>
            <source>See what of the remote works</source>
            <translation>查看远程仓库的哪些功能正常</translation>
        </message>
        <message>
            <source>&amp;Remove the remote…</source>
            <translation>移除远程仓库(&amp;R)…</translation>
        </message>
        <message>
            <source>Forget the remote; what it holds stays</source>
            <translation>不再使用此远程仓库；其中的内容会保留</translation>
        </message>
    </context>
    <context>
        <name>ActivityTableModel</name>
        <message>
            <source>When</source>
            <translation>时间</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>用户</translation>
        </message>
        <message>
            <source>What</source>
            <translation>操作</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>结果</translation>
        </message>
    </context>
    <context>
        <name>ActivityView</name>
        <message>
            <source>Search model, user, cache or detail</source>
            <translation>搜索模型、用户、缓存或详情</translation>
        </message>
        <message>
            <source>Search what was done</source>
            <translation>搜索活动记录</translation>
        </message>
        <message>
            <source>What was done</source>
            <translation>操作类型</translation>
        </message>
        <message>
            <source>Everything</source>
            <translation>全部操作</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>结果</translation>
        </message>
        <message>
            <source>Any result</source>
            <translation>任意结果</translation>
        </message>
        <message>
            <source>&amp;Export…</source>
            <translation>导出(&amp;E)…</translation>
        </message>
        <message>
            <source>1 event</source>
            <translation>1 条记录</translation>
        </message>
        <message>
            <source>{} events</source>
            <translation>{} 条记录</translation>
        </message>
        <message>
            <source>Nothing was done yet. What changes, brings or sends a model will be listed here.</source>
            <translation>还没有任何记录。更改、获取或发送模型的操作会列在这里。</translation>
        </message>
        <message>
            <source>Nothing was found.</source>
            <translation>没有找到记录。</translation>
        </message>
    </context>
    <context>
        <name>Airgap</name>
        <message>
            <source>A site without a name</source>
            <translation>未命名的站点</translation>
        </message>
        <message>
            <source>Its inventory was made just now, {}.</source>
            <translation>其清单刚刚生成（{}）。</translation>
        </message>
        <message>
            <source>Its inventory is {} old, of {}.</source>
            <translation>其清单生成于{}前（{}）。</translation>
        </message>
        <message>
            <source>It is old: what was deleted there since then would be lacking. A new one is safer.</source>
            <translation>清单较旧：对方此后删除的内容将会缺失。使用新清单更稳妥。</translation>
        </message>
        <message>
            <source>{} contents</source>
            <translation>{} 项内容</translation>
        </message>
        <message>
            <source>not there</source>
            <translation>没有</translation>
        </message>
        <message>
            <source>this revision</source>
            <translation>此修订版本</translation>
        </message>
        <message>
            <source>another revision</source>
            <translation>其他修订版本</translation>
        </message>
        <message>
            <source>all of it, {}</source>
            <translation>全部，{}</translation>
        </message>
        <message>
            <source>nothing</source>
            <translation>无</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>nothing: it is there</source>
            <translation>无：对方已有</translation>
        </message>
        <message>
            <source>cannot be packed</source>
            <translation>无法打包</translation>
        </message>
        <message>
            <source>{} to carry in {}</source>
            <translation>需携带 {}，共 {}</translation>
        </message>
        <message>
            <source>{} need not be carried</source>
            <translation>无需携带 {}</translation>
        </message>
        <message>
            <source>{} there already</source>
            <translation>对方已有 {}</translation>
        </message>
        <message>
            <source>&amp;Pack</source>
            <translation>打包(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;Pack {}, {}</source>
            <translation>打包 {}，{}(&amp;P)</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>位置</translation>
        </message>
        <message>
            <source>What</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>For</source>
            <translation>目标站点</translation>
        </message>
        <message>
            <source>There is no file {}.</source>
            <translation>没有文件 {}。</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>1 archive</source>
            <translation>1 个归档</translation>
        </message>
        <message>
            <source>{} archives</source>
            <translation>{} 个归档</translation>
        </message>
    </context>
    <context>
        <name>AllowUnsafeDialog</name>
        <message>
            <source>{} is not safe to {}</source>
            <translation>{1} {0} 不安全</translation>
        </message>
        <message>
            <source>Name of the model</source>
            <translation>模型名称</translation>
        </message>
        <message>
            <source>Type its &amp;name to go on all the same:</source>
            <translation>如仍要继续，请输入其名称(&amp;N)：</translation>
        </message>
        <message>
            <source>It could do to this machine whatever you can do: read your files, change them, send them away.</source>
            <translation>它能在本机上做您能做的一切：读取、更改您的文件，并将其发送出去。</translation>
        </message>
        <message>
            <source>Go on only if you trust who made it and where you got it. It counts for this once, and is written down in the activity.</source>
            <translation>仅在信任其制作者和来源时才继续。仅此一次有效，并会写入活动记录。</translation>
        </message>
        <message>
            <source>{} all the same</source>
            <translation>仍然{}</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>What else was found</source>
            <translation>发现的其他问题</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
    </context>
    <context>
        <name>AppearancePage</name>
        <message>
            <source>&amp;As the system</source>
            <translation>跟随系统(&amp;A)</translation>
        </message>
        <message>
            <source>&amp;Light</source>
            <translation>浅色(&amp;L)</translation>
        </message>
        <message>
            <source>&amp;Dark</source>
            <translation>深色(&amp;D)</translation>
        </message>
        <message>
            <source>Colours</source>
            <translation>颜色</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>As the s&amp;ystem</source>
            <translation>跟随系统(&amp;Y)</translation>
        </message>
        <message>
            <source>The language changes at the next start.</source>
            <translation>语言将在下次启动时更改。</translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation>外观</translation>
        </message>
    </context>
    <context>
        <name>Asking</name>
        <message>
            <source>Look at {}</source>
            <translation>查看 {}</translation>
        </message>
        <message>
            <source>Try {}</source>
            <translation>试用 {}</translation>
        </message>
        <message>
            <source>Load {}</source>
            <translation>加载 {}</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
    </context>
    <context>
        <name>AsksBeforeClosing</name>
        <message>
            <source>Other programs cannot fetch models from here any more.</source>
            <translation>其他程序将无法再从这里获取模型。</translation>
        </message>
        <message>
            <source>1 client is fetching a model now and is cut off.</source>
            <translation>1 个客户端正在获取模型，将被中断。</translation>
        </message>
        <message>
            <source>{} clients are fetching models now and are cut off.</source>
            <translation>{} 个客户端正在获取模型，将被中断。</translation>
        </message>
        <message>
            <source>Sharing ends with this window</source>
            <translation>关闭此窗口将结束共享</translation>
        </message>
        <message>
            <source>Stop sharing and close</source>
            <translation>停止共享并关闭</translation>
        </message>
    </context>
    <context>
        <name>Assistant</name>
        <message>
            <source>&amp;Back</source>
            <translation>上一步(&amp;B)</translation>
        </message>
        <message>
            <source>&amp;Next</source>
            <translation>下一步(&amp;N)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>BundledDialog</name>
        <message>
            <source>Bundle</source>
            <translation>合集</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>BundledPage</name>
        <message>
            <source>What was not packed</source>
            <translation>未打包的内容</translation>
        </message>
        <message>
            <source>&amp;Open folder</source>
            <translation>打开文件夹(&amp;O)</translation>
        </message>
        <message>
            <source>The bundle is ready to be carried</source>
            <translation>合集已可携带</translation>
        </message>
        <message>
            <source>Nothing was packed</source>
            <translation>未打包任何内容</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>密钥</translation>
        </message>
        <message>
            <source>SHA-256</source>
            <translation>SHA-256</translation>
        </message>
        <message>
            <source>It is signed: who imports it with your public key is told so. By phone you can say which key it is, or compare the SHA-256 of SHA256SUMS in the folder.</source>
            <translation>已签名：使用您的公钥导入时会显示这一点。您可以通过电话告知所用的密钥，或核对文件夹中 SHA256SUMS 的 SHA-256。</translation>
        </message>
        <message>
            <source>It is not signed. To compare it by phone, read out the SHA-256 of SHA256SUMS in the folder: on the other side, `sha256sum SHA256SUMS` says it too.</source>
            <translation>未签名。如要通过电话核对，请念出文件夹中 SHA256SUMS 的 SHA-256：对方运行 `sha256sum SHA256SUMS` 也会得到相同的值。</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
    </context>
    <context>
        <name>CachesPage</name>
        <message>
            <source>Caches</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Add &amp;folder…</source>
            <translation>添加文件夹(&amp;F)…</translation>
        </message>
        <message>
            <source>&amp;Remove from list</source>
            <translation>从列表中移除(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Limit…</source>
            <translation>上限(&amp;L)…</translation>
        </message>
        <message>
            <source>Caches that are shown</source>
            <translation>显示的缓存</translation>
        </message>
        <message>
            <source>The first is where programs keep models by themselves; HF_HUB_CACHE and HF_HOME say where it is. Removing a cache from the list leaves its files as they are.</source>
            <translation>第一个是程序默认存放模型的位置，由 HF_HUB_CACHE 和 HF_HOME 指定。从列表中移除缓存不会改动其中的文件。</translation>
        </message>
        <message>
            <source>not looked at yet</source>
            <translation>尚未扫描</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>1 day</source>
            <translation>1 天</translation>
        </message>
        <message>
            <source>{} days</source>
            <translation>{} 天</translation>
        </message>
        <message>
            <source>read-only</source>
            <translation>只读</translation>
        </message>
        <message>
            <source>cannot be read</source>
            <translation>无法读取</translation>
        </message>
        <message>
            <source>not there yet</source>
            <translation>尚不存在</translation>
        </message>
        <message>
            <source>not mounted</source>
            <translation>未挂载</translation>
        </message>
        <message>
            <source>not a folder</source>
            <translation>不是文件夹</translation>
        </message>
        <message>
            <source>Add a cache</source>
            <translation>添加缓存</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
        <message>
            <source>Limit</source>
            <translation>上限</translation>
        </message>
    </context>
    <context>
        <name>Card</name>
        <message>
            <source>This card is very long: here is its beginning. All of it is in the file README.md.</source>
            <translation>此模型卡很长，这里只显示开头。全文见文件 README.md。</translation>
        </message>
    </context>
    <context>
        <name>CardPage</name>
        <message>
            <source>Model card</source>
            <translation>模型卡</translation>
        </message>
        <message>
            <source>This model has no card.</source>
            <translation>此模型没有模型卡。</translation>
        </message>
    </context>
    <context>
        <name>CarryDialog</name>
        <message>
            <source>Carry to an isolated site</source>
            <translation>携带到隔离站点</translation>
        </message>
        <message>
            <source>What they have</source>
            <translation>对方已有的内容</translation>
        </message>
        <message>
            <source>What to carry</source>
            <translation>要携带的内容</translation>
        </message>
        <message>
            <source>Where and how</source>
            <translation>位置和方式</translation>
        </message>
        <message>
            <source>&amp;Stop packing</source>
            <translation>停止打包(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Done</source>
            <translation>完成(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Next</source>
            <translation>下一步(&amp;N)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>CheckDialog</name>
        <message>
            <source>1 thing is wrong in {}</source>
            <translation>发现 1 处问题：{}</translation>
        </message>
        <message>
            <source>{} things are wrong in {}</source>
            <translation>发现 {} 处问题：{}</translation>
        </message>
        <message>
            <source>Nothing is wrong in {}</source>
            <translation>未发现问题：{}</translation>
        </message>
        <message>
            <source>Check of a file</source>
            <translation>文件检查</translation>
        </message>
        <message>
            <source>An entry with anything wrong in it is left out; others are not.</source>
            <translation>有问题的条目会被忽略，其他条目不受影响。</translation>
        </message>
        <message>
            <source>&amp;Copy</source>
            <translation>复制(&amp;C)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
    </context>
    <context>
        <name>ClassifyForm</name>
        <message>
            <source>all</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>as the model says</source>
            <translation>按模型设定</translation>
        </message>
        <message>
            <source>one label of all</source>
            <translation>只取一个标签</translation>
        </message>
        <message>
            <source>each label on its own</source>
            <translation>各标签独立判定</translation>
        </message>
        <message>
            <source>&amp;Judged</source>
            <translation>判定方式(&amp;J)</translation>
        </message>
        <message>
            <source>La&amp;bels</source>
            <translation>标签(&amp;B)</translation>
        </message>
    </context>
    <context>
        <name>CodeDialog</name>
        <message>
            <source>Let {} run its own code?</source>
            <translation>允许 {} 运行自带的代码？</translation>
        </message>
        <message>
            <source>It comes with Python code, and is not loaded without it. The code runs in a process that has no network, but it can read what you can read.</source>
            <translation>它自带 Python 代码，不运行这些代码就无法加载。代码在没有网络的进程中运行，但能读取您能读取的内容。</translation>
        </message>
        <message>
            <source>Files that would run</source>
            <translation>将会运行的文件</translation>
        </message>
        <message>
            <source>Your yes is for the revision {} alone, and stays until you take it back. Look into the files first, or go on only if you trust who made them.</source>
            <translation>您的许可仅适用于修订版本 {}，撤回前一直有效。请先查看这些文件，或仅在信任其制作者时继续。</translation>
        </message>
        <message>
            <source>&amp;Allow</source>
            <translation>允许(&amp;A)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>CollectionDialog</name>
        <message>
            <source>Collect garbage</source>
            <translation>回收垃圾</translation>
        </message>
        <message>
            <source>Remove what nothing on {} needs any more</source>
            <translation>移除 {} 上不再需要的内容</translation>
        </message>
        <message>
            <source>as long as usual</source>
            <translation>通常的宽限期</translation>
        </message>
        <message>
            <source>an hour</source>
            <translation>1 小时</translation>
        </message>
        <message>
            <source>a day</source>
            <translation>1 天</translation>
        </message>
        <message>
            <source>a week</source>
            <translation>1 周</translation>
        </message>
        <message>
            <source>a month</source>
            <translation>1 个月</translation>
        </message>
        <message>
            <source>Spare what is younger than</source>
            <translation>保留未满此期限的内容</translation>
        </message>
        <message>
            <source>What is removed</source>
            <translation>将移除的内容</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>&amp;Spare what nothing has needed for less than</source>
            <translation>保留不再需要但未满此期限的内容(&amp;S)</translation>
        </message>
        <message>
            <source>What was deleted cannot be brought back once its contents are collected.</source>
            <translation>已删除的模型，其内容一经回收便无法恢复。</translation>
        </message>
        <message>
            <source>Looking for what nothing needs</source>
            <translation>正在查找不再需要的内容</translation>
        </message>
        <message>
            <source>&amp;Collect</source>
            <translation>回收(&amp;C)</translation>
        </message>
        <message>
            <source>&amp;Collect, free {}</source>
            <translation>回收，释放 {}(&amp;C)</translation>
        </message>
        <message>
            <source>{} are freed</source>
            <translation>可释放 {}</translation>
        </message>
        <message>
            <source>{} broken off uploads</source>
            <translation>{} 个中断的上传</translation>
        </message>
        <message>
            <source>Nothing is to be removed.</source>
            <translation>没有要移除的内容。</translation>
        </message>
        <message>
            <source>{} that nothing needs are younger than {} and stay</source>
            <translation>不再需要的内容中有 {} 未满 {}，将保留</translation>
        </message>
        <message>
            <source>1 object</source>
            <translation>1 个对象</translation>
        </message>
        <message>
            <source>{} objects</source>
            <translation>{} 个对象</translation>
        </message>
        <message>
            <source>Object</source>
            <translation>对象</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>原因</translation>
        </message>
        <message>
            <source>Age</source>
            <translation>存在时间</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>ColumnLayout</name>
        <message>
            <source>Reset columns</source>
            <translation>重置列</translation>
        </message>
    </context>
    <context>
        <name>CompareDialog</name>
        <message>
            <source>Compare {} with</source>
            <translation>将 {} 与以下模型比较</translation>
        </message>
        <message>
            <source>Filter</source>
            <translation>筛选</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>There is nothing to compare it with.</source>
            <translation>没有可与之比较的模型。</translation>
        </message>
        <message>
            <source>&amp;Compare</source>
            <translation>比较(&amp;C)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>ConfirmDialog</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>ConvertDialog</name>
        <message>
            <source>Convert {} to safetensors</source>
            <translation>将 {} 转换为 safetensors</translation>
        </message>
        <message>
            <source>Convert to safetensors</source>
            <translation>转换为 safetensors</translation>
        </message>
        <message>
            <source>Files of the new revision</source>
            <translation>新修订版本的文件</translation>
        </message>
        <message>
            <source>Let &amp;main lead to the new revision</source>
            <translation>将 main 指向新修订版本(&amp;M)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>It was converted before: {} is here. Nothing is written again.</source>
            <translation>此前已转换：{} 已存在。不会重新写入。</translation>
        </message>
        <message>
            <source>Makes a revision beside {}, which stays as it is. A process without a network reads the pickles, and every tensor of the new files is compared with the old, bit for bit.</source>
            <translation>在 {} 之外新建一个修订版本，原版本保持不变。由一个无网络的进程读取 pickle，并将新文件的每个张量与原张量逐位比较。</translation>
        </message>
        <message>
            <source>&amp;Let main lead to it</source>
            <translation>将 main 指向它(&amp;L)</translation>
        </message>
        <message>
            <source>&amp;Show it</source>
            <translation>查看(&amp;S)</translation>
        </message>
        <message>
            <source>Con&amp;vert {}</source>
            <translation>转换 {}(&amp;V)</translation>
        </message>
        <message>
            <source>Con&amp;vert</source>
            <translation>转换(&amp;V)</translation>
        </message>
        <message>
            <source>Who loads {} by its name gets the new revision, offline and until the hub has something newer. To go back, make the old one main again.</source>
            <translation>按名称加载 {} 时将得到新修订版本，离线时以及在 Hub 有更新之前均如此。如需还原，请将旧修订版本重新设为 main。</translation>
        </message>
        <message>
            <source>Who loads {} by its name gets what they get now. The new revision is loaded as revision “{}”.</source>
            <translation>按名称加载 {} 时得到的内容不变。要加载新修订版本，请指定修订版本“{}”。</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>In the new revision</source>
            <translation>在新修订版本中</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>written anew</source>
            <translation>重新写入</translation>
        </message>
        <message>
            <source>the same file</source>
            <translation>同一文件</translation>
        </message>
        <message>
            <source>left out</source>
            <translation>不包含</translation>
        </message>
    </context>
    <context>
        <name>ConvertResultDialog</name>
        <message>
            <source>{} has a revision of safetensors</source>
            <translation>{} 已有 safetensors 修订版本</translation>
        </message>
        <message>
            <source>Convert to safetensors</source>
            <translation>转换为 safetensors</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Copy the name of the revision</source>
            <translation>复制修订版本名称</translation>
        </message>
        <message>
            <source>Commit</source>
            <translation>提交</translation>
        </message>
        <message>
            <source>Copy the commit</source>
            <translation>复制提交号</translation>
        </message>
        <message>
            <source>The old revision {} is here as before.</source>
            <translation>旧修订版本 {} 保持不变。</translation>
        </message>
        <message>
            <source>&amp;Show</source>
            <translation>查看(&amp;S)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Wrote {} in {}. The process that read the pickles held {} of memory at most.</source>
            <translation>写入 {}，用时 {}。读取 pickle 的进程最多占用 {} 内存。</translation>
        </message>
        <message>
            <source>Its 1 tensor is the same as before, bit for bit.</source>
            <translation>其 1 个张量与之前逐位相同。</translation>
        </message>
        <message>
            <source>All {} tensors are the same as before, bit for bit.</source>
            <translation>全部 {} 个张量与之前逐位相同。</translation>
        </message>
        <message>
            <source>{} s</source>
            <translation>{} 秒</translation>
        </message>
        <message>
            <source>{} min</source>
            <translation>{} 分钟</translation>
        </message>
        <message>
            <source>main leads to it: who loads {} by its name gets it.</source>
            <translation>main 已指向它：按名称加载 {} 时将得到它。</translation>
        </message>
        <message>
            <source>main leads where it led: load the new one by the name of its revision.</source>
            <translation>main 的指向不变：请用修订版本名称加载新版本。</translation>
        </message>
    </context>
    <context>
        <name>CopyButton</name>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
    </context>
    <context>
        <name>CopyDialog</name>
        <message>
            <source>Move {}</source>
            <translation>移动 {}</translation>
        </message>
        <message>
            <source>Copy {}</source>
            <translation>复制 {}</translation>
        </message>
        <message>
            <source>Where to</source>
            <translation>目标位置</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>&amp;To</source>
            <translation>目标位置(&amp;T)</translation>
        </message>
        <message>
            <source>Looking at what is there</source>
            <translation>正在查看目标位置的内容</translation>
        </message>
        <message>
            <source>There is no other place yet. Add a remote first.</source>
            <translation>还没有其他位置。请先添加远程仓库。</translation>
        </message>
        <message>
            <source>With the refs {}</source>
            <translation>连同引用 {}</translation>
        </message>
        <message>
            <source>Once the copy has been verified, it goes to the trash of the cache it came from.</source>
            <translation>副本校验通过后，原模型将移到其所在缓存的回收站。</translation>
        </message>
        <message>
            <source>Once the copy has been verified, it is deleted from {}: {} can be freed there.</source>
            <translation>副本校验通过后，原模型将从 {} 删除：可在那里释放 {}。</translation>
        </message>
    </context>
    <context>
        <name>DataView</name>
        <message>
            <source>Labels and how often they occur</source>
            <translation>标签及其出现次数</translation>
        </message>
        <message>
            <source>Copy what is wrong</source>
            <translation>复制问题</translation>
        </message>
        <message>
            <source>Read a&amp;gain</source>
            <translation>重新读取(&amp;G)</translation>
        </message>
        <message>
            <source>To measure with: {}</source>
            <translation>用于评估：{}</translation>
        </message>
        <message>
            <source>1 line is wrong. Mend the file, then read it again.</source>
            <translation>有 1 行有误。请修正文件，然后重新读取。</translation>
        </message>
        <message>
            <source>{} lines are wrong, of which these are the first {}.</source>
            <translation>有 {} 行有误，以下为前 {} 行。</translation>
        </message>
        <message>
            <source>{} lines are wrong. Mend the file, then read it again.</source>
            <translation>有 {} 行有误。请修正文件，然后重新读取。</translation>
        </message>
        <message>
            <source>and {} more labels</source>
            <translation>另有 {} 个标签</translation>
        </message>
    </context>
    <context>
        <name>DeleteDialog</name>
        <message>
            <source>Delete &amp;anyway</source>
            <translation>仍然删除(&amp;A)</translation>
        </message>
        <message>
            <source>Delete for &amp;good, without the trash</source>
            <translation>不经回收站，彻底删除(&amp;G)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>The disk gains {} when the trash is emptied. Until then all of it can be restored.</source>
            <translation>清空回收站后磁盘将释放 {}。在此之前均可恢复。</translation>
        </message>
        <message>
            <source>The disk gains {} at once. There is no way back.</source>
            <translation>磁盘将立即释放 {}。此操作无法撤销。</translation>
        </message>
        <message>
            <source>Files that go</source>
            <translation>将删除的文件</translation>
        </message>
        <message>
            <source>What goes</source>
            <translation>将删除的内容</translation>
        </message>
        <message>
            <source>What</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>1 file stays, {}: something else needs it</source>
            <translation>保留 1 个文件（{}）：另有他用</translation>
        </message>
        <message>
            <source>{} files stay, {}: something else needs them</source>
            <translation>保留 {} 个文件（{}）：另有他用</translation>
        </message>
        <message>
            <source>What stays</source>
            <translation>保留的内容</translation>
        </message>
        <message>
            <source>What else is in use or pinned</source>
            <translation>其他正在使用或已固定的内容</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
        <message>
            <source>1 process of another user could not be looked into: it may use it.</source>
            <translation>无法查看其他用户的 1 个进程，它可能正在使用此内容。</translation>
        </message>
        <message>
            <source>{} processes of other users could not be looked into: one of them may use it.</source>
            <translation>无法查看其他用户的 {} 个进程，其中某个可能正在使用此内容。</translation>
        </message>
    </context>
    <context>
        <name>Deletion</name>
        <message>
            <source>Delete {}?</source>
            <translation>删除 {}？</translation>
        </message>
        <message>
            <source>Delete {} of {}?</source>
            <translation>删除 {1} 的 {0}？</translation>
        </message>
        <message>
            <source>&amp;Delete {} for good, free {}</source>
            <translation>彻底删除 {}，释放 {}(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Move {} to trash (frees {} when emptied)</source>
            <translation>将 {}移到回收站（清空后释放 {}）(&amp;M)</translation>
        </message>
        <message>
            <source>revision {}</source>
            <translation>修订版本 {}</translation>
        </message>
        <message>
            <source>{} is in use by {}.</source>
            <translation>{} 正被 {} 使用。</translation>
        </message>
        <message>
            <source>{} is being downloaded just now.</source>
            <translation>{} 正在下载中。</translation>
        </message>
        <message>
            <source>{} is pinned.</source>
            <translation>{} 已固定。</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>1 dataset</source>
            <translation>1 个数据集</translation>
        </message>
        <message>
            <source>{} datasets</source>
            <translation>{} 个数据集</translation>
        </message>
        <message>
            <source>1 space</source>
            <translation>1 个 Space</translation>
        </message>
        <message>
            <source>{} spaces</source>
            <translation>{} 个 Space</translation>
        </message>
        <message>
            <source>1 kernel</source>
            <translation>1 个内核</translation>
        </message>
        <message>
            <source>{} kernels</source>
            <translation>{} 个内核</translation>
        </message>
        <message>
            <source>1 revision</source>
            <translation>1 个修订版本</translation>
        </message>
        <message>
            <source>{} revisions</source>
            <translation>{} 个修订版本</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>1 item</source>
            <translation>1 项</translation>
        </message>
        <message>
            <source>{} items</source>
            <translation>{} 项</translation>
        </message>
    </context>
    <context>
        <name>Details</name>
        <message>
            <source>Trust</source>
            <translation>信任</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Space</source>
            <translation>空间</translation>
        </message>
        <message>
            <source>History</source>
            <translation>历史</translation>
        </message>
        <message>
            <source>Contains pickles: they can run code when loaded.</source>
            <translation>含 pickle 文件：加载时可能运行代码。</translation>
        </message>
        <message>
            <source>Comes with Python code of its own, which may run when loaded.</source>
            <translation>自带 Python 代码，加载时可能运行。</translation>
        </message>
        <message>
            <source>{} of an unfinished download are here.</source>
            <translation>这里有未完成的下载，共 {}。</translation>
        </message>
        <message>
            <source>dangerous</source>
            <translation>危险</translation>
        </message>
        <message>
            <source>verified {}</source>
            <translation>{}校验</translation>
        </message>
        <message>
            <source>offline-ready</source>
            <translation>可离线使用</translation>
        </message>
        <message>
            <source>Safety</source>
            <translation>安全性</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>就绪</translation>
        </message>
        <message>
            <source>All that loading it without a network takes is here.</source>
            <translation>无网络加载所需的内容已全部在此。</translation>
        </message>
        <message>
            <source>all that it takes is here, but not all of it is good</source>
            <translation>所需内容已全部在此，但有些文件有问题</translation>
        </message>
        <message>
            <source>Offline</source>
            <translation>离线</translation>
        </message>
        <message>
            <source>Try loading…</source>
            <translation>试加载…</translation>
        </message>
        <message>
            <source>Verified</source>
            <translation>校验</translation>
        </message>
        <message>
            <source>Verify again</source>
            <translation>重新校验</translation>
        </message>
        <message>
            <source>Or it has changed since it was verified.</source>
            <translation>或者校验后又有改动。</translation>
        </message>
        <message>
            <source>never</source>
            <translation>从未校验</translation>
        </message>
        <message>
            <source>Verify now</source>
            <translation>立即校验</translation>
        </message>
        <message>
            <source>{}: files are not what they should be</source>
            <translation>{}：文件有问题</translation>
        </message>
        <message>
            <source>{}: files are missing</source>
            <translation>{}：缺少文件</translation>
        </message>
        <message>
            <source>Mend…</source>
            <translation>修补…</translation>
        </message>
        <message>
            <source>all is as it should be</source>
            <translation>一切完好</translation>
        </message>
        <message>
            <source>nothing is wrong, but nothing says what all of its files should be</source>
            <translation>未发现问题，但没有依据可核对其全部文件</translation>
        </message>
        <message>
            <source>every file was read</source>
            <translation>已读取每个文件</translation>
        </message>
        <message>
            <source>what had not changed was read {}</source>
            <translation>未改动的文件读取于{}</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>类型</translation>
        </message>
        <message>
            <source>Licence</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>not stated</source>
            <translation>未注明</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Library</source>
            <translation>库</translation>
        </message>
        <message>
            <source>Architecture</source>
            <translation>架构</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数量</translation>
        </message>
        <message>
            <source>Data type</source>
            <translation>数据类型</translation>
        </message>
        <message>
            <source>Quantisation</source>
            <translation>量化</translation>
        </message>
        <message>
            <source>Context</source>
            <translation>上下文长度</translation>
        </message>
        <message>
            <source>{} tokens</source>
            <translation>{} 个 token</translation>
        </message>
        <message>
            <source>Formats</source>
            <translation>格式</translation>
        </message>
        <message>
            <source>Languages</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Based on</source>
            <translation>基础模型</translation>
        </message>
        <message>
            <source>Trained on</source>
            <translation>训练数据集</translation>
        </message>
        <message>
            <source>Tags</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>On disk</source>
            <translation>磁盘占用</translation>
        </message>
        <message>
            <source>something else needs the other {}</source>
            <translation>其余 {} 另有他用</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>frees {} alone</source>
            <translation>单独删除可释放 {}</translation>
        </message>
        <message>
            <source>This revision</source>
            <translation>此修订版本</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>{}, by {}</source>
            <translation>{}，{}</translation>
        </message>
        <message>
            <source>seen by Modelkeep</source>
            <translation>由 Modelkeep 记录</translation>
        </message>
        <message>
            <source>file access times: at least this late</source>
            <translation>按文件访问时间：不早于此</translation>
        </message>
        <message>
            <source>the mount keeps no access times</source>
            <translation>此挂载不记录访问时间</translation>
        </message>
        <message>
            <source>Last used</source>
            <translation>上次使用</translation>
        </message>
        <message>
            <source>not known</source>
            <translation>未知</translation>
        </message>
        <message>
            <source>Fetched by</source>
            <translation>获取者</translation>
        </message>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>Archive</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>Changed here</source>
            <translation>本地修改</translation>
        </message>
        <message>
            <source>Hub version</source>
            <translation>Hub 版本</translation>
        </message>
        <message>
            <source>Downloaded</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>Imported</source>
            <translation>导入</translation>
        </message>
        <message>
            <source>Made here</source>
            <translation>本地创建</translation>
        </message>
        <message>
            <source>Fetched</source>
            <translation>获取</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
        <message>
            <source>just now</source>
            <translation>刚刚</translation>
        </message>
        <message>
            <source>{} ago</source>
            <translation>{}前</translation>
        </message>
    </context>
    <context>
        <name>DetailsPane</name>
        <message>
            <source>Select a model to see what it is.</source>
            <translation>选择一个模型以查看其内容。</translation>
        </message>
        <message>
            <source>Reading…</source>
            <translation>正在读取…</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>Overview</source>
            <translation>概览</translation>
        </message>
        <message>
            <source>Card</source>
            <translation>模型卡</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Revisions</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Safety</source>
            <translation>安全性</translation>
        </message>
    </context>
    <context>
        <name>DiskBar</name>
        <message>
            <source>Disk</source>
            <translation>磁盘</translation>
        </message>
        <message>
            <source>{name}: {size} ({exact}), {percent:.1f} % of the disk</source>
            <translation>{name}：{size}（{exact}），占磁盘的 {percent:.1f} %</translation>
        </message>
        <message>
            <source>{free} free of {total}</source>
            <translation>可用 {free}，共 {total}</translation>
        </message>
        <message>
            <source>By library</source>
            <translation>按库</translation>
        </message>
        <message>
            <source>By cache</source>
            <translation>按缓存</translation>
        </message>
        <message>
            <source>By owner</source>
            <translation>按所有者</translation>
        </message>
    </context>
    <context>
        <name>DiskRoom</name>
        <message>
            <source>{missing} more are needed: {needed} to write, {reserve} to leave free, {free} free.</source>
            <translation>还缺 {missing}：需写入 {needed}，须留出 {reserve}，现有可用 {free}。</translation>
        </message>
        <message>
            <source>{needed} to write · {free} free · {left} stay free</source>
            <translation>需写入 {needed} · 可用 {free} · 写入后剩余 {left}</translation>
        </message>
        <message>
            <source>{} to write, {} free</source>
            <translation>需写入 {}，可用 {}</translation>
        </message>
    </context>
    <context>
        <name>DoctorPage</name>
        <message>
            <source>&amp;Examine again</source>
            <translation>重新检查(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Cancel</source>
            <translation>取消(&amp;C)</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>进度</translation>
        </message>
        <message>
            <source>Examining the caches</source>
            <translation>正在检查缓存</translation>
        </message>
        <message>
            <source>Not examined yet</source>
            <translation>尚未检查</translation>
        </message>
        <message>
            <source>The doctor looks for damage and waste. Nothing is changed by that.</source>
            <translation>诊断会查找损坏和浪费，不会改动任何内容。</translation>
        </message>
        <message>
            <source>Examining</source>
            <translation>正在检查</translation>
        </message>
        <message>
            <source>{} of {}</source>
            <translation>{} / {}</translation>
        </message>
        <message>
            <source>The caches could not be examined</source>
            <translation>无法检查缓存</translation>
        </message>
        <message>
            <source>Repairing…</source>
            <translation>正在修复…</translation>
        </message>
        <message>
            <source>Nothing is wrong</source>
            <translation>没有问题</translation>
        </message>
        <message>
            <source>The folders of the caches are not there, or their disks are away.</source>
            <translation>缓存文件夹不存在，或所在磁盘未连接。</translation>
        </message>
        <message>
            <source>There is nothing to examine</source>
            <translation>没有可检查的内容</translation>
        </message>
        <message>
            <source>{} on disk</source>
            <translation>占用磁盘 {}</translation>
        </message>
        <message>
            <source>1 note</source>
            <translation>1 条提示</translation>
        </message>
        <message>
            <source>{} notes</source>
            <translation>{} 条提示</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>{} caches</source>
            <translation>{} 个缓存</translation>
        </message>
        <message>
            <source>{} in {}</source>
            <translation>{}，位于 {}</translation>
        </message>
        <message>
            <source>examined just now</source>
            <translation>刚刚检查</translation>
        </message>
        <message>
            <source>examined {} ago</source>
            <translation>{}前检查</translation>
        </message>
        <message>
            <source>1 cache is away</source>
            <translation>1 个缓存未连接</translation>
        </message>
        <message>
            <source>{} caches are away</source>
            <translation>{} 个缓存未连接</translation>
        </message>
    </context>
    <context>
        <name>DownloadDialog</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>A variable of the environment says so; it counts until Modelkeep is started without it.</source>
            <translation>这由环境变量决定；在不带该变量重新启动 Modelkeep 之前一直有效。</translation>
        </message>
        <message>
            <source>Download a model</source>
            <translation>下载模型</translation>
        </message>
    </context>
    <context>
        <name>DownloadTarget</name>
        <message>
            <source>Cache to download into</source>
            <translation>要下载到的缓存</translation>
        </message>
        <message>
            <source>In&amp;to</source>
            <translation>下载到(&amp;T)</translation>
        </message>
        <message>
            <source>No cache can be written to. Add one in the preferences.</source>
            <translation>没有可写入的缓存。请在首选项中添加。</translation>
        </message>
    </context>
    <context>
        <name>ErrorDialog</name>
        <message>
            <source>That did not work</source>
            <translation>操作未成功</translation>
        </message>
        <message>
            <source>&amp;Copy</source>
            <translation>复制(&amp;C)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
    </context>
    <context>
        <name>Exchange</name>
        <message>
            <source>There is nothing that it can be asked.</source>
            <translation>无法向它提问。</translation>
        </message>
        <message>
            <source>{} is dangerous to load.</source>
            <translation>加载 {} 有危险。</translation>
        </message>
        <message>
            <source>Waiting for the answer…</source>
            <translation>正在等待回答…</translation>
        </message>
        <message>
            <source>Answering…</source>
            <translation>正在回答…</translation>
        </message>
        <message>
            <source>{step}: {done} of {total}</source>
            <translation>{step}：{done} / {total}</translation>
        </message>
        <message>
            <source>It was stopped before it answered.</source>
            <translation>回答前已停止。</translation>
        </message>
    </context>
    <context>
        <name>Export</name>
        <message>
            <source>Cannot be exported</source>
            <translation>无法导出</translation>
        </message>
        <message>
            <source>Incomplete: {} missing</source>
            <translation>不完整：缺少 {}</translation>
        </message>
        <message>
            <source>Replaces an older export</source>
            <translation>替换较早的导出</translation>
        </message>
        <message>
            <source>New archive</source>
            <translation>新归档</translation>
        </message>
        <message>
            <source>&amp;Export</source>
            <translation>导出(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Export 1 model, {}</source>
            <translation>导出 1 个模型，{}(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Export {} models, {}</source>
            <translation>导出 {} 个模型，{}(&amp;E)</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>With &amp;checksums, which prove on the other side that nothing changed</source>
            <translation>附校验和，供接收方确认内容未变(&amp;C)</translation>
        </message>
        <message>
            <source>As a b&amp;undle, with an index for a medium that is carried</source>
            <translation>作为合集，附索引，便于用移动介质携带(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Incomplete models too</source>
            <translation>包括不完整的模型(&amp;I)</translation>
        </message>
        <message>
            <source>Archives</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Export to</source>
            <translation>导出到</translation>
        </message>
        <message>
            <source>Choose a folder to export to.</source>
            <translation>请选择要导出到的文件夹。</translation>
        </message>
        <message>
            <source>What else cannot be exported</source>
            <translation>其他无法导出的内容</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>Export models</source>
            <translation>导出模型</translation>
        </message>
        <message>
            <source>Export {}</source>
            <translation>导出 {}</translation>
        </message>
        <message>
            <source>Without them it is a plain DSS archive. DSS reads both.</source>
            <translation>不附校验和则为普通 DSS 归档。两种 DSS 都能读取。</translation>
        </message>
        <message>
            <source>Folder to export to</source>
            <translation>要导出到的文件夹</translation>
        </message>
        <message>
            <source>&amp;To</source>
            <translation>导出到(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Split</source>
            <translation>分卷(&amp;S)</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>What happens</source>
            <translation>处理方式</translation>
        </message>
        <message>
            <source>Archive</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>Volumes</source>
            <translation>分卷</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>FailurePage</name>
        <message>
            <source>&amp;Work online</source>
            <translation>联网工作(&amp;W)</translation>
        </message>
        <message>
            <source>Try a&amp;gain</source>
            <translation>重试(&amp;G)</translation>
        </message>
        <message>
            <source>Test the &amp;connection…</source>
            <translation>测试连接(&amp;C)…</translation>
        </message>
        <message>
            <source>Cop&amp;y the address of its page</source>
            <translation>复制页面地址(&amp;Y)</translation>
        </message>
    </context>
    <context>
        <name>FetchDialog</name>
        <message>
            <source>Fetch from {}</source>
            <translation>从 {} 取回</translation>
        </message>
        <message>
            <source>Fetch {} from {}</source>
            <translation>取回 {}（来自 {}）</translation>
        </message>
        <message>
            <source>Models to fetch</source>
            <translation>要取回的模型</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Looking at what the remote has</source>
            <translation>正在查看远程仓库的内容</translation>
        </message>
        <message>
            <source>{} will lead to {}</source>
            <translation>{} 将指向 {}</translation>
        </message>
        <message>
            <source>&amp;Fetch</source>
            <translation>取回(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Fetch {}</source>
            <translation>取回 {}(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Use what is here</source>
            <translation>使用已有内容(&amp;U)</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>What happens</source>
            <translation>处理方式</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>To fetch</source>
            <translation>需取回</translation>
        </message>
        <message>
            <source>All of it is here</source>
            <translation>已全部存在</translation>
        </message>
        <message>
            <source>Fetched</source>
            <translation>取回</translation>
        </message>
    </context>
    <context>
        <name>FileField</name>
        <message>
            <source>Examples (*.tsv *.txt *.jsonl *.ndjson *.json)</source>
            <translation>示例 (*.tsv *.txt *.jsonl *.ndjson *.json)</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
    </context>
    <context>
        <name>FilePicker</name>
        <message>
            <source>&amp;Recommended</source>
            <translation>推荐(&amp;R)</translation>
        </message>
        <message>
            <source>One copy of the weights, the safest, with all that loads them</source>
            <translation>一份最安全的权重，以及加载它所需的全部文件</translation>
        </message>
        <message>
            <source>&amp;Everything</source>
            <translation>全部(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;None</source>
            <translation>全不选(&amp;N)</translation>
        </message>
        <message>
            <source>Only files that match</source>
            <translation>仅限匹配的文件</translation>
        </message>
        <message>
            <source>Leave out files that match</source>
            <translation>排除匹配的文件</translation>
        </message>
        <message>
            <source>&amp;Quantisation</source>
            <translation>量化(&amp;Q)</translation>
        </message>
        <message>
            <source>takes about {} of memory, {} free</source>
            <translation>约占 {} 内存，可用 {}</translation>
        </message>
        <message>
            <source>fits</source>
            <translation>可容纳</translation>
        </message>
        <message>
            <source>does not fit</source>
            <translation>容纳不下</translation>
        </message>
        <message>
            <source>Patterns with * and ?, parted by blanks; they go over folders too.</source>
            <translation>含 * 和 ? 的模式，以空格分隔；可跨文件夹匹配。</translation>
        </message>
        <message>
            <source>Quantisation</source>
            <translation>量化</translation>
        </message>
        <message>
            <source>On&amp;ly</source>
            <translation>仅限(&amp;L)</translation>
        </message>
        <message>
            <source>Lea&amp;ve out</source>
            <translation>排除(&amp;V)</translation>
        </message>
    </context>
    <context>
        <name>FileTree</name>
        <message>
            <source>Files to download</source>
            <translation>要下载的文件</translation>
        </message>
    </context>
    <context>
        <name>FileTreeModel</name>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
        <message>
            <source>To know</source>
            <translation>说明</translation>
        </message>
        <message>
            <source>{} of {}</source>
            <translation>{} / {}</translation>
        </message>
        <message>
            <source>{} of {} chosen</source>
            <translation>已选 {}，共 {}</translation>
        </message>
    </context>
    <context>
        <name>Files</name>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>This revision has no files here.</source>
            <translation>此修订版本在这里没有文件。</translation>
        </message>
        <message>
            <source>Copy path</source>
            <translation>复制路径</translation>
        </message>
        <message>
            <source>Delete files…</source>
            <translation>删除文件…</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>{} selected</source>
            <translation>已选 {} 个</translation>
        </message>
        <message>
            <source>{} not here</source>
            <translation>缺少 {} 个</translation>
        </message>
        <message>
            <source>not here</source>
            <translation>缺失</translation>
        </message>
        <message>
            <source>tokenizer</source>
            <translation>分词器</translation>
        </message>
        <message>
            <source>config</source>
            <translation>配置</translation>
        </message>
        <message>
            <source>code</source>
            <translation>代码</translation>
        </message>
        <message>
            <source>card</source>
            <translation>模型卡</translation>
        </message>
        <message>
            <source>licence</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>data</source>
            <translation>数据</translation>
        </message>
        <message>
            <source>image</source>
            <translation>图像</translation>
        </message>
        <message>
            <source>other</source>
            <translation>其他</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>类型</translation>
        </message>
        <message>
            <source>Content</source>
            <translation>内容哈希</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>FindingsList</name>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
    </context>
    <context>
        <name>FindingsModel</name>
        <message>
            <source>Problem</source>
            <translation>问题</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Costs</source>
            <translation>占用</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>{} ({})</source>
            <translation>{}（{}）</translation>
        </message>
    </context>
    <context>
        <name>FlowingText</name>
        <message>
            <source>You</source>
            <translation>您</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>System</source>
            <translation>系统</translation>
        </message>
    </context>
    <context>
        <name>FollowDialog</name>
        <message>
            <source>Only when asked</source>
            <translation>仅在要求时</translation>
        </message>
        <message>
            <source>Every 15 minutes</source>
            <translation>每 15 分钟</translation>
        </message>
        <message>
            <source>Every hour</source>
            <translation>每小时</translation>
        </message>
        <message>
            <source>Every 6 hours</source>
            <translation>每 6 小时</translation>
        </message>
        <message>
            <source>Every day</source>
            <translation>每天</translation>
        </message>
        <message>
            <source>Follow {}</source>
            <translation>关注 {}</translation>
        </message>
        <message>
            <source>Keep models of {} here, up to date</source>
            <translation>在本机保留 {} 的模型并保持最新</translation>
        </message>
        <message>
            <source>Models that are kept here</source>
            <translation>保留在本机的模型</translation>
        </message>
        <message>
            <source>production</source>
            <translation>production</translation>
        </message>
        <message>
            <source>And all that have this tag</source>
            <translation>以及所有带此标签的模型</translation>
        </message>
        <message>
            <source>Cache they are kept in</source>
            <translation>用于保留的缓存</translation>
        </message>
        <message>
            <source>How often the window looks</source>
            <translation>窗口检查更新的频率</translation>
        </message>
        <message>
            <source>Select models in the list of the remote first, or name a tag.</source>
            <translation>请先在远程仓库的列表中选择模型，或写明标签。</translation>
        </message>
        <message>
            <source>And all with the &amp;tag</source>
            <translation>以及所有带此标签的模型(&amp;T)</translation>
        </message>
        <message>
            <source>In&amp;to</source>
            <translation>存入(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Look</source>
            <translation>检查更新(&amp;L)</translation>
        </message>
        <message>
            <source>The window looks while it is open. What is followed no more stays here.</source>
            <translation>窗口打开期间会检查更新。不再关注的内容仍会保留在本机。</translation>
        </message>
        <message>
            <source>&amp;Follow</source>
            <translation>关注(&amp;F)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>&amp;Follow nothing more</source>
            <translation>全部取消关注(&amp;F)</translation>
        </message>
    </context>
    <context>
        <name>Following</name>
        <message>
            <source>See what is new on {}</source>
            <translation>查看 {} 上的更新</translation>
        </message>
        <message>
            <source>Bring what is new on {}</source>
            <translation>取回 {} 上的更新</translation>
        </message>
    </context>
    <context>
        <name>Form</name>
        <message>
            <source>Only the first {} characters were taken.</source>
            <translation>仅采用了前 {} 个字符。</translation>
        </message>
    </context>
    <context>
        <name>GenerationOptions</name>
        <message>
            <source>0: always the likeliest word. Higher: more by chance.</source>
            <translation>0：始终选最可能的词。越高越随机。</translation>
        </message>
        <message>
            <source>Only the likeliest words that make up this share are chosen from.</source>
            <translation>仅从合计达到此概率的最可能的词中选取。</translation>
        </message>
        <message>
            <source>by chance</source>
            <translation>随机</translation>
        </message>
        <message>
            <source>The same seed makes the same text again.</source>
            <translation>相同的种子会再次生成相同的文本。</translation>
        </message>
        <message>
            <source>Ends with</source>
            <translation>停止文本</translation>
        </message>
        <message>
            <source>Texts that end it, one in each line</source>
            <translation>遇到这些文本即停止，每行一个</translation>
        </message>
        <message>
            <source>System prompt</source>
            <translation>系统提示词</translation>
        </message>
        <message>
            <source>What a conversation begins with, for models that have one</source>
            <translation>对话开头的内容，用于支持它的模型</translation>
        </message>
        <message>
            <source>&amp;Most tokens</source>
            <translation>最多 token 数(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Temperature</source>
            <translation>温度(&amp;T)</translation>
        </message>
        <message>
            <source>To&amp;p-p</source>
            <translation>Top-p(&amp;P)</translation>
        </message>
        <message>
            <source>S&amp;eed</source>
            <translation>种子(&amp;E)</translation>
        </message>
        <message>
            <source>Ends &amp;with</source>
            <translation>停止文本(&amp;W)</translation>
        </message>
        <message>
            <source>S&amp;ystem prompt</source>
            <translation>系统提示词(&amp;Y)</translation>
        </message>
    </context>
    <context>
        <name>GuestsView</name>
        <message>
            <source>Who is connected</source>
            <translation>已连接的机器</translation>
        </message>
        <message>
            <source>Nobody yet</source>
            <translation>尚无连接</translation>
        </message>
        <message>
            <source>What was fetched and pushed</source>
            <translation>获取和推送的内容</translation>
        </message>
        <message>
            <source>Fetched and pushed</source>
            <translation>获取和推送记录</translation>
        </message>
        <message>
            <source>Connected</source>
            <translation>已连接</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>访问者</translation>
        </message>
        <message>
            <source>Fetches now</source>
            <translation>正在获取</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Got</source>
            <translation>已获取</translation>
        </message>
        <message>
            <source>Rate</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>{}/s</source>
            <translation>{}/s</translation>
        </message>
    </context>
    <context>
        <name>Head</name>
        <message>
            <source>Compare…</source>
            <translation>比较…</translation>
        </message>
        <message>
            <source>End the comparison</source>
            <translation>结束比较</translation>
        </message>
        <message>
            <source>Asked before</source>
            <translation>提问记录</translation>
        </message>
        <message>
            <source>&amp;Forget all of these</source>
            <translation>全部清除(&amp;F)</translation>
        </message>
    </context>
    <context>
        <name>Header</name>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Pin</source>
            <translation>固定</translation>
        </message>
        <message>
            <source>Pin: nothing removes a model that is pinned</source>
            <translation>固定：已固定的模型不会被移除</translation>
        </message>
        <message>
            <source>Try it</source>
            <translation>试用</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>Problems</source>
            <translation>问题</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
    </context>
    <context>
        <name>HereChoice</name>
        <message>
            <source>B&amp;rowse…</source>
            <translation>浏览(&amp;R)…</translation>
        </message>
        <message>
            <source>The name of a site is one line of {} characters at most.</source>
            <translation>站点名称只能是一行文字，最多 {} 个字符。</translation>
        </message>
        <message>
            <source>Name the file, such as here.json.</source>
            <translation>请为文件命名，例如 here.json。</translation>
        </message>
        <message>
            <source>It is there already, and is replaced.</source>
            <translation>文件已存在，将被替换。</translation>
        </message>
        <message>
            <source>Write what is here to</source>
            <translation>将本机内容的清单写入</translation>
        </message>
        <message>
            <source>Inventories</source>
            <translation>清单</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>所有文件</translation>
        </message>
        <message>
            <source>Name of this site</source>
            <translation>此站点的名称</translation>
        </message>
        <message>
            <source>Such as “site B”; without one it says nothing of where it is</source>
            <translation>例如“站点 B”；留空则不说明所在位置</translation>
        </message>
        <message>
            <source>File to write</source>
            <translation>要写入的文件</translation>
        </message>
        <message>
            <source>Caches</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Choose a cache: without one there is nothing to tell of.</source>
            <translation>请选择缓存：否则没有可列出的内容。</translation>
        </message>
        <message>
            <source>Na&amp;me</source>
            <translation>名称(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;File</source>
            <translation>文件(&amp;F)</translation>
        </message>
        <message>
            <source>A small file tells the connected side what is here, so that it packs only what is missing. It has names of models, their commits, and sizes and checksums of contents; no paths, no notes, no name of this machine or its users.</source>
            <translation>用一个小文件告知联网的一方本机已有的内容，使其只打包缺少的部分。其中包含模型名称、提交，以及各项内容的大小和校验和；不含路径、备注，也不含本机及其用户的名称。</translation>
        </message>
    </context>
    <context>
        <name>HubsPage</name>
        <message>
            <source>Looking…</source>
            <translation>正在查看…</translation>
        </message>
        <message>
            <source>Add &amp;hub…</source>
            <translation>添加 Hub(&amp;H)…</translation>
        </message>
        <message>
            <source>&amp;Edit…</source>
            <translation>编辑(&amp;E)…</translation>
        </message>
        <message>
            <source>&amp;Test</source>
            <translation>测试(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Make default</source>
            <translation>设为默认(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Remove</source>
            <translation>移除(&amp;R)</translation>
        </message>
        <message>
            <source>Hubs</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>See whether hubs may be reached</source>
            <translation>查看是否允许访问 Hub</translation>
        </message>
        <message>
            <source>List the hubs</source>
            <translation>列出 Hub</translation>
        </message>
        <message>
            <source>the environment</source>
            <translation>环境变量</translation>
        </message>
        <message>
            <source>“{}” comes from {} and cannot be changed here.</source>
            <translation>“{}”来自 {}，无法在此更改。</translation>
        </message>
        <message>
            <source>&amp;Show…</source>
            <translation>查看(&amp;S)…</translation>
        </message>
        <message>
            <source>Test {}</source>
            <translation>测试 {}</translation>
        </message>
        <message>
            <source>Save {}</source>
            <translation>保存 {}</translation>
        </message>
        <message>
            <source>Remove {}?</source>
            <translation>移除 {}？</translation>
        </message>
        <message>
            <source>Its token is forgotten too. Models that came from there stay.</source>
            <translation>其令牌也会被删除。从那里下载的模型会保留。</translation>
        </message>
        <message>
            <source>Remove {}</source>
            <translation>移除 {}</translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation>离线工作</translation>
        </message>
        <message>
            <source>Work online</source>
            <translation>联网工作</translation>
        </message>
        <message>
            <source>Hubs that models come from and go to</source>
            <translation>下载和推送模型所用的 Hub</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>网络</translation>
        </message>
        <message>
            <source>What is changed on this page counts at once.</source>
            <translation>此页上的更改立即生效。</translation>
        </message>
    </context>
    <context>
        <name>ImageForm</name>
        <message>
            <source>C&amp;hoose an image…</source>
            <translation>选择图像(&amp;H)…</translation>
        </message>
        <message>
            <source>all</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>La&amp;bels</source>
            <translation>标签(&amp;B)</translation>
        </message>
        <message>
            <source>Choose an image first, or drop one here.</source>
            <translation>请先选择图像，或将图像拖放到此处。</translation>
        </message>
        <message>
            <source>No image yet. One can be dropped here.</source>
            <translation>还没有图像。可将图像拖放到此处。</translation>
        </message>
        <message>
            <source>Choose an image</source>
            <translation>选择图像</translation>
        </message>
        <message>
            <source>Images ({})</source>
            <translation>图像 ({})</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
    </context>
    <context>
        <name>Import</name>
        <message>
            <source>Give it a name, such as org/name.</source>
            <translation>请为它命名，例如 org/name。</translation>
        </message>
        <message>
            <source>the new commit</source>
            <translation>新提交</translation>
        </message>
        <message>
            <source>Dangerous, not imported</source>
            <translation>危险，不导入</translation>
        </message>
        <message>
            <source>Left out</source>
            <translation>不导入</translation>
        </message>
        <message>
            <source>New model</source>
            <translation>新模型</translation>
        </message>
        <message>
            <source>New revision</source>
            <translation>新修订版本</translation>
        </message>
        <message>
            <source>Completes what is here</source>
            <translation>补全已有内容</translation>
        </message>
        <message>
            <source>Already here</source>
            <translation>已存在</translation>
        </message>
        <message>
            <source>Replaces other content</source>
            <translation>替换不同的内容</translation>
        </message>
        <message>
            <source>Other content here, skipped</source>
            <translation>已有不同内容，跳过</translation>
        </message>
        <message>
            <source>Needs a name</source>
            <translation>需要命名</translation>
        </message>
        <message>
            <source>Lacks {} that are not here</source>
            <translation>缺少 {}，此处也没有</translation>
        </message>
        <message>
            <source>Cannot be imported</source>
            <translation>无法导入</translation>
        </message>
        <message>
            <source>dangerous, allowed once</source>
            <translation>危险，已允许一次</translation>
        </message>
        <message>
            <source>joins {}</source>
            <translation>并入已有的 {}</translation>
        </message>
        <message>
            <source>check its name</source>
            <translation>请核对名称</translation>
        </message>
        <message>
            <source>{} dangerous</source>
            <translation>{} 个危险</translation>
        </message>
        <message>
            <source>{} already here</source>
            <translation>{} 个已存在</translation>
        </message>
        <message>
            <source>{} with other content skipped</source>
            <translation>{} 个因内容不同而跳过</translation>
        </message>
        <message>
            <source>{} left out</source>
            <translation>{} 个不导入</translation>
        </message>
        <message>
            <source>{} without a name</source>
            <translation>{} 个没有名称</translation>
        </message>
        <message>
            <source>{} cannot be imported</source>
            <translation>{} 个无法导入</translation>
        </message>
        <message>
            <source>{} signed and verified</source>
            <translation>{} 个已签名并通过验证</translation>
        </message>
        <message>
            <source>{} signed by an unknown key</source>
            <translation>{} 个由未知密钥签名</translation>
        </message>
        <message>
            <source>{} with a wrong signature</source>
            <translation>{} 个签名有误</translation>
        </message>
        <message>
            <source>{} not signed</source>
            <translation>{} 个未签名</translation>
        </message>
        <message>
            <source>&amp;Import</source>
            <translation>导入(&amp;I)</translation>
        </message>
        <message>
            <source>&amp;Import 1 model, write {}</source>
            <translation>导入 1 个模型，写入 {}(&amp;I)</translation>
        </message>
        <message>
            <source>&amp;Import {} models, write {}</source>
            <translation>导入 {} 个模型，写入 {}(&amp;I)</translation>
        </message>
        <message>
            <source>missing here</source>
            <translation>此处缺失</translation>
        </message>
        <message>
            <source>replaces another</source>
            <translation>替换已有文件</translation>
        </message>
        <message>
            <source>to write</source>
            <translation>需写入</translation>
        </message>
        <message>
            <source>already here</source>
            <translation>已存在</translation>
        </message>
        <message>
            <source>in another model</source>
            <translation>在另一模型中</translation>
        </message>
        <message>
            <source>in another cache, copied</source>
            <translation>在另一缓存中，将复制</translation>
        </message>
        <message>
            <source>Moves {}.</source>
            <translation>引用将移动：{}。</translation>
        </message>
        <message>
            <source>Contains pickles: they can run code when loaded.</source>
            <translation>含 pickle 文件：加载时可能运行代码。</translation>
        </message>
        <message>
            <source>Comes with Python code of its own, which may run when loaded.</source>
            <translation>自带 Python 代码，加载时可能运行。</translation>
        </message>
        <message>
            <source>Nothing proves that these are all files of the model.</source>
            <translation>无法证明这些是模型的全部文件。</translation>
        </message>
        <message>
            <source>It is scanned as it comes in, and not imported if it is dangerous.</source>
            <translation>导入时会扫描，如有危险则不导入。</translation>
        </message>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
        <message>
            <source>Leaves out {}.</source>
            <translation>不包含 {}。</translation>
        </message>
        <message>
            <source>Signed by {}, verified.</source>
            <translation>由 {} 签名，已通过验证。</translation>
        </message>
        <message>
            <source>Signed by an unknown key, {}: this proves nothing unless you trust it.</source>
            <translation>由未知密钥 {} 签名：除非您信任该密钥，否则不能证明任何事。</translation>
        </message>
        <message>
            <source>Its signature is wrong: it is no signature of this archive.</source>
            <translation>签名有误：这不是此归档的签名。</translation>
        </message>
        <message>
            <source>1 file, {}, is not in the archive: it is taken from what is here, and checked.</source>
            <translation>1 个文件（{}）不在归档中：将取自此处已有的内容并校验。</translation>
        </message>
        <message>
            <source>{} files, {}, are not in the archive: they are taken from what is here, and checked.</source>
            <translation>{} 个文件（{}）不在归档中：将取自此处已有的内容并校验。</translation>
        </message>
        <message>
            <source>and {} more findings</source>
            <translation>另有 {} 条发现</translation>
        </message>
        <message>
            <source>{} is scanned as it comes in.</source>
            <translation>{} 将在导入时扫描。</translation>
        </message>
        <message>
            <source>{} files are scanned as they come in.</source>
            <translation>{} 个文件将在导入时扫描。</translation>
        </message>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>Packed for</source>
            <translation>目标站点</translation>
        </message>
        <message>
            <source>Signature</source>
            <translation>签名</translation>
        </message>
        <message>
            <source>Commit</source>
            <translation>提交</translation>
        </message>
        <message>
            <source>worked out from its content</source>
            <translation>由内容算出</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Checksums</source>
            <translation>校验和</translation>
        </message>
        <message>
            <source>Licence</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>Library</source>
            <translation>库</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Languages</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Tags</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Origin</source>
            <translation>出处</translation>
        </message>
        <message>
            <source>by {}</source>
            <translation>由 {}</translation>
        </message>
        <message>
            <source>Downloaded</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>Hub version</source>
            <translation>Hub 版本</translation>
        </message>
        <message>
            <source>SHA-256 list: will be checked</source>
            <translation>SHA-256 清单：将会校验</translation>
        </message>
        <message>
            <source>SHA-256 of the bundle: will be checked</source>
            <translation>合集中的 SHA-256：将会校验</translation>
        </message>
        <message>
            <source>No checksums in the archive</source>
            <translation>归档中没有校验和</translation>
        </message>
        <message>
            <source>Not signed</source>
            <translation>未签名</translation>
        </message>
        <message>
            <source>Wrong</source>
            <translation>有误</translation>
        </message>
        <message>
            <source>The cache has the same commit with other content of {}.</source>
            <translation>缓存中有同一提交，但 {} 的内容不同。</translation>
        </message>
        <message>
            <source>{} and {} more</source>
            <translation>{} 等，另有 {} 个</translation>
        </message>
        <message>
            <source>The cache has the same commit with other content of {} files: {}.</source>
            <translation>缓存中有同一提交，但 {} 个文件的内容不同：{}。</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
    </context>
    <context>
        <name>ImportDetails</name>
        <message>
            <source>Import it all the &amp;same…</source>
            <translation>仍然导入(&amp;S)…</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Nothing could be read of it.</source>
            <translation>无法从中读取任何内容。</translation>
        </message>
        <message>
            <source>About the model</source>
            <translation>关于此模型</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>In this cache</source>
            <translation>在此缓存中</translation>
        </message>
    </context>
    <context>
        <name>ImportDialog</name>
        <message>
            <source>&amp;Add</source>
            <translation>添加(&amp;A)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>No cache can be written to. Add one in the preferences.</source>
            <translation>没有可写入的缓存。请在首选项中添加。</translation>
        </message>
        <message>
            <source>{} read</source>
            <translation>已读取 {}</translation>
        </message>
        <message>
            <source>Reading archives…</source>
            <translation>正在读取归档…</translation>
        </message>
        <message>
            <source>Import archives</source>
            <translation>导入归档</translation>
        </message>
        <message>
            <source>Archives</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>所有文件</translation>
        </message>
        <message>
            <source>Import a folder</source>
            <translation>导入文件夹</translation>
        </message>
        <message>
            <source>import</source>
            <translation>导入</translation>
        </message>
        <message>
            <source>Import models</source>
            <translation>导入模型</translation>
        </message>
        <message>
            <source>In&amp;to</source>
            <translation>导入到(&amp;T)</translation>
        </message>
        <message>
            <source>Cache to import into</source>
            <translation>要导入到的缓存</translation>
        </message>
        <message>
            <source>&amp;Files…</source>
            <translation>文件(&amp;F)…</translation>
        </message>
        <message>
            <source>F&amp;older…</source>
            <translation>文件夹(&amp;O)…</translation>
        </message>
    </context>
    <context>
        <name>ImportReading</name>
        <message>
            <source>Reading archives…</source>
            <translation>正在读取归档…</translation>
        </message>
    </context>
    <context>
        <name>ImportStart</name>
        <message>
            <source>Zip and tar archives, also split or compressed ones, a clone, a folder with a model's files, a bundle.</source>
            <translation>zip 和 tar 归档（也可分卷或压缩）、克隆、含模型文件的文件夹、合集。</translation>
        </message>
        <message>
            <source>Choose &amp;files…</source>
            <translation>选择文件(&amp;F)…</translation>
        </message>
        <message>
            <source>Choose a f&amp;older…</source>
            <translation>选择文件夹(&amp;O)…</translation>
        </message>
        <message>
            <source>Drop archives or folders here</source>
            <translation>将归档或文件夹拖放到此处</translation>
        </message>
    </context>
    <context>
        <name>InferencePage</name>
        <message>
            <source> min</source>
            <translation> 分钟</translation>
        </message>
        <message>
            <source>what the machine can give</source>
            <translation>以本机可用内存为限</translation>
        </message>
        <message>
            <source>no limit</source>
            <translation>不限</translation>
        </message>
        <message>
            <source>&amp;Keep what models were asked last, to ask it again</source>
            <translation>保留最近向模型提的问题，以便再次提问(&amp;K)</translation>
        </message>
        <message>
            <source>&amp;Forget all now</source>
            <translation>立即全部清除(&amp;F)</translation>
        </message>
        <message>
            <source>P&amp;ython</source>
            <translation>Python(&amp;Y)</translation>
        </message>
        <message>
            <source>&amp;Leaves after</source>
            <translation>空闲超过(&amp;L)</translation>
        </message>
        <message>
            <source>without anything to do, and gives its memory back</source>
            <translation>即退出，并释放内存</translation>
        </message>
        <message>
            <source>&amp;Memory</source>
            <translation>内存(&amp;M)</translation>
        </message>
        <message>
            <source>at most for one model</source>
            <translation>单个模型的上限</translation>
        </message>
        <message>
            <source>&amp;Time</source>
            <translation>时间(&amp;T)</translation>
        </message>
        <message>
            <source>at most for loading, and for one answer</source>
            <translation>加载和单次回答各自的上限</translation>
        </message>
        <message>
            <source>Models at &amp;once</source>
            <translation>同时加载的模型数(&amp;O)</translation>
        </message>
        <message>
            <source>that stay loaded</source>
            <translation>保持加载状态</translation>
        </message>
        <message>
            <source>A model that is tried runs in a process of its own, without a network, on this machine.</source>
            <translation>试用的模型在本机上单独的进程中运行，没有网络。</translation>
        </message>
        <message>
            <source>Inference</source>
            <translation>推理</translation>
        </message>
        <message>
            <source>Forget what models were asked</source>
            <translation>清除向模型提问的记录</translation>
        </message>
        <message>
            <source>Forgotten: {}</source>
            <translation>已清除：{}</translation>
        </message>
    </context>
    <context>
        <name>Inspector</name>
        <message>
            <source>Look at {}</source>
            <translation>查看 {}</translation>
        </message>
    </context>
    <context>
        <name>InterpreterChoice</name>
        <message>
            <source>the one that runs Modelkeep</source>
            <translation>运行 Modelkeep 的 Python</translation>
        </message>
        <message>
            <source>Python</source>
            <translation>Python</translation>
        </message>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>Look &amp;what it has</source>
            <translation>查看已有的包(&amp;W)</translation>
        </message>
        <message>
            <source>Choose a Python</source>
            <translation>选择 Python</translation>
        </message>
        <message>
            <source>Looking…</source>
            <translation>正在查看…</translation>
        </message>
        <message>
            <source>Look what a Python has</source>
            <translation>查看 Python 已有的包</translation>
        </message>
        <message>
            <source>nothing to run models</source>
            <translation>没有可运行模型的包</translation>
        </message>
        <message>
            <source>Python {version}: {packages}</source>
            <translation>Python {version}：{packages}</translation>
        </message>
        <message>
            <source>Devices: {}</source>
            <translation>设备：{}</translation>
        </message>
    </context>
    <context>
        <name>Job</name>
        <message>
            <source>The work process wrote last:</source>
            <translation>工作进程最后的输出：</translation>
        </message>
        <message>
            <source>Started</source>
            <translation>已开始</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>Resumed</source>
            <translation>已继续</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>已完成</translation>
        </message>
        <message>
            <source>Failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>Cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>Tried again</source>
            <translation>已重试</translation>
        </message>
    </context>
    <context>
        <name>JobDetails</name>
        <message>
            <source>What happened: {job}</source>
            <translation>详情：{job}</translation>
        </message>
        <message>
            <source>What happened</source>
            <translation>详情</translation>
        </message>
        <message>
            <source>&amp;Copy</source>
            <translation>复制(&amp;C)</translation>
        </message>
    </context>
    <context>
        <name>JobPanel</name>
        <message>
            <source>Jobs</source>
            <translation>后台任务</translation>
        </message>
        <message>
            <source>Clear finished</source>
            <translation>清除已结束的</translation>
        </message>
        <message>
            <source>Jobs in short</source>
            <translation>后台任务概况</translation>
        </message>
        <message>
            <source>Hide the jobs</source>
            <translation>隐藏后台任务</translation>
        </message>
        <message>
            <source>Show the jobs</source>
            <translation>显示后台任务</translation>
        </message>
        <message numerus="yes">
            <source>%n running</source>
            <translation>
                <numerusform>%n 个正在运行</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n paused</source>
            <translation>
                <numerusform>%n 个已暂停</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n waiting</source>
            <translation>
                <numerusform>%n 个等待中</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n failed</source>
            <translation>
                <numerusform>%n 个失败</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n found something</source>
            <translation>
                <numerusform>%n 个发现问题</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n done</source>
            <translation>
                <numerusform>%n 个已完成</numerusform>
            </translation>
        </message>
        <message>
            <source>Nothing is running</source>
            <translation>没有任务在运行</translation>
        </message>
    </context>
    <context>
        <name>JobRow</name>
        <message>
            <source>Move up</source>
            <translation>上移</translation>
        </message>
        <message>
            <source>Move down</source>
            <translation>下移</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>暂停</translation>
        </message>
        <message>
            <source>Show what happened</source>
            <translation>查看详情</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Dismiss</source>
            <translation>移除</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>继续</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>等待中</translation>
        </message>
        <message>
            <source>Stopping…</source>
            <translation>正在停止…</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>Cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>{size}/s</source>
            <translation>{size}/s</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>剩余 {time}</translation>
        </message>
    </context>
    <context>
        <name>Keeping</name>
        <message>
            <source>Remember the answer</source>
            <translation>记住您的选择</translation>
        </message>
        <message>
            <source>See what was asked</source>
            <translation>查看提问记录</translation>
        </message>
        <message>
            <source>Forget what was asked</source>
            <translation>清除提问记录</translation>
        </message>
        <message>
            <source>Save the answer</source>
            <translation>保存回答</translation>
        </message>
    </context>
    <context>
        <name>KeyChoice</name>
        <message>
            <source>Si&amp;gn it, so that the other side can prove who packed it</source>
            <translation>签名，使对方能够证明是谁打包的(&amp;G)</translation>
        </message>
        <message>
            <source>Choose &amp;key…</source>
            <translation>选择密钥(&amp;K)…</translation>
        </message>
        <message>
            <source>&amp;New key…</source>
            <translation>新建密钥(&amp;N)…</translation>
        </message>
        <message>
            <source>Un&amp;lock</source>
            <translation>解锁(&amp;L)</translation>
        </message>
        <message>
            <source>Key to sign with</source>
            <translation>用于签名的密钥</translation>
        </message>
        <message>
            <source>Secret keys</source>
            <translation>私钥</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>所有文件</translation>
        </message>
        <message>
            <source>Choose it, or make a new one.</source>
            <translation>请选择密钥，或新建一个。</translation>
        </message>
        <message>
            <source>The key has a password. Type it, and unlock the key.</source>
            <translation>此密钥设有密码。请输入密码并解锁。</translation>
        </message>
        <message>
            <source>Unlocking… (this takes a moment on purpose)</source>
            <translation>正在解锁…（为安全起见需要片刻）</translation>
        </message>
        <message>
            <source>Signed by the key {}.</source>
            <translation>由密钥 {} 签名。</translation>
        </message>
        <message>
            <source>The .key file of minisign or Modelkeep</source>
            <translation>minisign 或 Modelkeep 的 .key 文件</translation>
        </message>
        <message>
            <source>Password of the key</source>
            <translation>密钥的密码</translation>
        </message>
        <message>
            <source>Ke&amp;y</source>
            <translation>密钥(&amp;Y)</translation>
        </message>
        <message>
            <source>Pass&amp;word</source>
            <translation>密码(&amp;W)</translation>
        </message>
    </context>
    <context>
        <name>KeyField</name>
        <message>
            <source>Key id</source>
            <translation>密钥 ID</translation>
        </message>
        <message>
            <source>Secret</source>
            <translation>私密密钥</translation>
        </message>
        <message>
            <source>Show the secret</source>
            <translation>显示私密密钥</translation>
        </message>
        <message>
            <source>Keep it in a &amp;file instead of the keyring</source>
            <translation>保存在文件中，而不是密钥环(&amp;F)</translation>
        </message>
        <message>
            <source>Whoever can read your files can read the key then.</source>
            <translation>这样，能读取您文件的人就能读取密钥。</translation>
        </message>
        <message>
            <source>A key has an id and a secret: fill in both, or neither.</source>
            <translation>密钥由 ID 和私密密钥组成：请两者都填，或都不填。</translation>
        </message>
        <message>
            <source>Kept in the system’s keyring.</source>
            <translation>保存在系统密钥环中。</translation>
        </message>
        <message>
            <source>The one there is comes from: {}.</source>
            <translation>现有密钥来自：{}。</translation>
        </message>
        <message>
            <source>Empty: the key of the environment or of the AWS profile is used.</source>
            <translation>留空：使用环境变量或 AWS 配置文件中的密钥。</translation>
        </message>
    </context>
    <context>
        <name>LargeState</name>
        <message>
            <source>Progress</source>
            <translation>进度</translation>
        </message>
    </context>
    <context>
        <name>LeftoversDialog</name>
        <message>
            <source>a model</source>
            <translation>一个模型</translation>
        </message>
        <message>
            <source>An import of {} was interrupted.</source>
            <translation>{} 的导入被中断。</translation>
        </message>
        <message>
            <source>The mending of {} was interrupted: mend it again.</source>
            <translation>{} 的修补被中断：请重新修补。</translation>
        </message>
        <message>
            <source>The conversion of {} was interrupted: convert it again.</source>
            <translation>{} 的转换被中断：请重新转换。</translation>
        </message>
        <message>
            <source>A push of {} was not finished: push it again.</source>
            <translation>{} 的推送未完成：请重新推送。</translation>
        </message>
        <message>
            <source>Something of {} was left: nobody knows what it was to become.</source>
            <translation>{} 留有残留：无法得知其用途。</translation>
        </message>
        <message>
            <source>1 import was interrupted</source>
            <translation>1 个导入被中断</translation>
        </message>
        <message>
            <source>1 work was interrupted</source>
            <translation>1 项操作被中断</translation>
        </message>
        <message>
            <source>{} imports were interrupted</source>
            <translation>{} 个导入被中断</translation>
        </message>
        <message>
            <source>{} works were interrupted</source>
            <translation>{} 项操作被中断</translation>
        </message>
        <message>
            <source>What was read and checked so far is kept, and not read again.</source>
            <translation>已读取并校验的内容会保留，不会重新读取。</translation>
        </message>
        <message>
            <source>It cannot be resumed here: run it again, or clear what it left.</source>
            <translation>无法在此继续：请重新运行，或清除其残留。</translation>
        </message>
        <message>
            <source>&amp;Later</source>
            <translation>稍后(&amp;L)</translation>
        </message>
        <message>
            <source>&amp;Resume</source>
            <translation>继续(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Resume {}</source>
            <translation>继续 {} 个(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Clear, free {}</source>
            <translation>清除，释放 {}(&amp;C)</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>Begun</source>
            <translation>开始于</translation>
        </message>
        <message>
            <source>On disk</source>
            <translation>磁盘占用</translation>
        </message>
        <message>
            <source>Mending, run it again</source>
            <translation>修补，请重新运行</translation>
        </message>
        <message>
            <source>Conversion, run it again</source>
            <translation>转换，请重新运行</translation>
        </message>
        <message>
            <source>Push, run it again</source>
            <translation>推送，请重新运行</translation>
        </message>
        <message>
            <source>Unknown</source>
            <translation>未知</translation>
        </message>
    </context>
    <context>
        <name>Library</name>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Library</source>
            <translation>库</translation>
        </message>
        <message>
            <source>Verified</source>
            <translation>上次校验</translation>
        </message>
        <message>
            <source>When its files were last compared with what they should be.</source>
            <translation>上次校验其文件是否完好的时间。</translation>
        </message>
        <message>
            <source>Licence</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数量</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>What the files say they are, each content once.</source>
            <translation>文件标示的大小，相同内容只计一次。</translation>
        </message>
        <message>
            <source>On disk</source>
            <translation>磁盘占用</translation>
        </message>
        <message>
            <source>What the disk really holds for it.</source>
            <translation>实际占用的磁盘空间。</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>What the disk gains when exactly this is deleted: less when a part is shared.</source>
            <translation>仅删除此项时磁盘释放的空间；有共享部分时会更少。</translation>
        </message>
        <message>
            <source>Used</source>
            <translation>上次使用</translation>
        </message>
        <message>
            <source>Changed</source>
            <translation>修改</translation>
        </message>
        <message>
            <source>Formats</source>
            <translation>格式</translation>
        </message>
        <message>
            <source>Languages</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>whole</source>
            <translation>完整</translation>
        </message>
        <message>
            <source>not proven</source>
            <translation>未证实</translation>
        </message>
        <message>
            <source>damaged</source>
            <translation>已损坏</translation>
        </message>
        <message>
            <source>1 file missing</source>
            <translation>缺少 1 个文件</translation>
        </message>
        <message>
            <source>{} files missing</source>
            <translation>缺少 {} 个文件</translation>
        </message>
        <message>
            <source>incomplete</source>
            <translation>不完整</translation>
        </message>
        <message>
            <source>Every file of the repository is here; its file list proves it.</source>
            <translation>仓库的文件全部在此，有文件清单为证。</translation>
        </message>
        <message>
            <source>Every link leads to a file. No file list is here to compare with.</source>
            <translation>每个链接都指向文件，但没有文件清单可供核对。</translation>
        </message>
        <message>
            <source>Files of the repository are not here, as after a download that was cut off.</source>
            <translation>缺少仓库中的部分文件，例如下载曾中断。</translation>
        </message>
        <message>
            <source>Verifying it found files that are not what they should be.</source>
            <translation>校验发现有问题的文件。</translation>
        </message>
        <message>
            <source>Something is here that cannot work. The details say what.</source>
            <translation>有无法使用的内容，详见详细信息。</translation>
        </message>
        <message>
            <source>Never verified, or changed since.</source>
            <translation>从未校验，或校验后又有改动。</translation>
        </message>
        <message>
            <source>{}: all files are what they should be.</source>
            <translation>{}：所有文件均完好。</translation>
        </message>
        <message>
            <source>{}: nothing is wrong, but nothing says what all files should be.</source>
            <translation>{}：未发现问题，但没有依据可核对全部文件。</translation>
        </message>
        <message>
            <source>{}: files are missing.</source>
            <translation>{}：缺少文件。</translation>
        </message>
        <message>
            <source>{}: files are not what they should be.</source>
            <translation>{}：文件有问题。</translation>
        </message>
        <message>
            <source>No use is known.</source>
            <translation>没有使用记录。</translation>
        </message>
        <message>
            <source>{} (seen by Modelkeep)</source>
            <translation>{}（由 Modelkeep 记录）</translation>
        </message>
        <message>
            <source>{} or later (by the file system's access time)</source>
            <translation>{} 或更晚（按文件系统的访问时间）</translation>
        </message>
        <message>
            <source>{} or later (this disk does not keep access times well)</source>
            <translation>{} 或更晚（此磁盘的访问时间不可靠）</translation>
        </message>
    </context>
    <context>
        <name>LibraryFeed</name>
        <message>
            <source>Look at the caches</source>
            <translation>扫描缓存</translation>
        </message>
        <message>
            <source>Read model cards</source>
            <translation>读取模型卡</translation>
        </message>
    </context>
    <context>
        <name>LibraryView</name>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
    </context>
    <context>
        <name>LimitDialog</name>
        <message>
            <source>Limit</source>
            <translation>上限</translation>
        </message>
        <message>
            <source>How large may {} become?</source>
            <translation>{} 最大可占用多少空间？</translation>
        </message>
        <message>
            <source>&amp;No more than</source>
            <translation>不超过(&amp;N)</translation>
        </message>
        <message>
            <source>No more than</source>
            <translation>不超过</translation>
        </message>
        <message>
            <source>What comes into the cache makes room for itself: its plan says what goes to the trash first. Nothing else is removed by itself; “Free up space” shows what would go now.</source>
            <translation>要放入缓存的内容会自行腾出空间：计划会说明哪些模型先移到回收站。除此之外不会自动删除任何内容；“释放空间”会显示现在将移除什么。</translation>
        </message>
        <message>
            <source>Goes &amp;first</source>
            <translation>优先清理(&amp;F)</translation>
        </message>
        <message>
            <source>Its models take {} now.</source>
            <translation>其中的模型目前占用 {}。</translation>
        </message>
        <message>
            <source>OK</source>
            <translation>确定</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Write a size that is more than nothing.</source>
            <translation>请输入大于零的大小。</translation>
        </message>
        <message>
            <source>Write a size with its unit, such as 100 GB or 500 GiB.</source>
            <translation>请输入带单位的大小，例如 100 GB 或 500 GiB。</translation>
        </message>
    </context>
    <context>
        <name>LineageTree</name>
        <message>
            <source>Lineage</source>
            <translation>来源谱系</translation>
        </message>
        <message>
            <source>It is in no list here.</source>
            <translation>此处的列表中均没有它。</translation>
        </message>
        <message>
            <source>The first of all</source>
            <translation>最初的来源</translation>
        </message>
        <message>
            <source>What lies between is not known</source>
            <translation>中间环节未知</translation>
        </message>
        <message>
            <source>What it was made from</source>
            <translation>其来源模型</translation>
        </message>
        <message>
            <source>This model</source>
            <translation>此模型</translation>
        </message>
        <message>
            <source>Made from it</source>
            <translation>由其衍生</translation>
        </message>
    </context>
    <context>
        <name>LossCurve</name>
        <message>
            <source>Loss over the steps</source>
            <translation>损失随步数的变化</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>No model is shown. Clear the filter to see all.</source>
            <translation>没有可显示的模型。清除筛选条件可查看全部。</translation>
        </message>
        <message>
            <source>No model is in this list.</source>
            <translation>此列表中没有模型。</translation>
        </message>
    </context>
    <context>
        <name>MaskForm</name>
        <message>
            <source>Text</source>
            <translation>文本</translation>
        </message>
        <message>
            <source>A sentence with a blank in it</source>
            <translation>含空缺的句子</translation>
        </message>
        <message>
            <source>&amp;Insert a blank</source>
            <translation>插入空缺(&amp;I)</translation>
        </message>
        <message>
            <source>&amp;Candidates</source>
            <translation>候选数(&amp;C)</translation>
        </message>
        <message>
            <source>Write a sentence with a blank first.</source>
            <translation>请先输入含空缺的句子。</translation>
        </message>
        <message>
            <source>There is no blank in it: “{}” stands for one.</source>
            <translation>句中没有空缺：空缺用“{}”表示。</translation>
        </message>
        <message>
            <source>A sentence with a blank in it: {}</source>
            <translation>含空缺的句子：{}</translation>
        </message>
    </context>
    <context>
        <name>MendDialog</name>
        <message>
            <source>Files to mend</source>
            <translation>要修补的文件</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Comes from</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>Is now</source>
            <translation>现状</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>MendSources</name>
        <message>
            <source>&amp;Look into</source>
            <translation>查找范围(&amp;L)</translation>
        </message>
        <message>
            <source>&amp;Fetch from</source>
            <translation>下载自(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Add files…</source>
            <translation>添加文件(&amp;A)…</translation>
        </message>
        <message>
            <source>Add a f&amp;older…</source>
            <translation>添加文件夹(&amp;O)…</translation>
        </message>
        <message>
            <source>Look into no archive</source>
            <translation>清除所选归档</translation>
        </message>
        <message>
            <source>all {} remotes</source>
            <translation>全部 {} 个远程仓库</translation>
        </message>
        <message>
            <source>Nothing is asked of a hub: {}.</source>
            <translation>不查询 Hub：{}。</translation>
        </message>
        <message>
            <source>Archives that may have good files</source>
            <translation>可能含有完好文件的归档</translation>
        </message>
        <message>
            <source>A folder that may have good files</source>
            <translation>可能含有完好文件的文件夹</translation>
        </message>
        <message>
            <source>none chosen</source>
            <translation>未选择</translation>
        </message>
        <message>
            <source>Hub</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>Remotes</source>
            <translation>远程仓库</translation>
        </message>
        <message>
            <source>Caches</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>all other caches of this machine are looked into</source>
            <translation>会查找本机的所有其他缓存</translation>
        </message>
        <message>
            <source>Archives</source>
            <translation>归档</translation>
        </message>
    </context>
    <context>
        <name>MessageBar</name>
        <message>
            <source>Close this message</source>
            <translation>关闭此消息</translation>
        </message>
    </context>
    <context>
        <name>MetricsView</name>
        <message>
            <source>How good it is, label by label</source>
            <translation>各标签的评估结果</translation>
        </message>
    </context>
    <context>
        <name>ModelPane</name>
        <message>
            <source>Choose a model</source>
            <translation>请选择模型</translation>
        </message>
        <message>
            <source>Its files, their sizes and whether it fits the disk and the memory are shown here first.</source>
            <translation>下载前，这里会显示它的文件、大小，以及磁盘和内存能否容纳。</translation>
        </message>
        <message>
            <source>Looking at {}…</source>
            <translation>正在查看 {}…</translation>
        </message>
        <message>
            <source>Looking at its files…</source>
            <translation>正在查看其文件…</translation>
        </message>
    </context>
    <context>
        <name>ModelSearch</name>
        <message>
            <source>Found</source>
            <translation>找到的模型</translation>
        </message>
        <message>
            <source>No model matches “{}”.</source>
            <translation>没有与“{}”匹配的模型。</translation>
        </message>
        <message>
            <source>Try fewer words or part of the name, or any task. A full name, org/name, is looked up.</source>
            <translation>请减少关键词、只输入部分名称，或不限任务。输入完整名称（如 org/name）可直接查找。</translation>
        </message>
        <message>
            <source>This hub lists no model.</source>
            <translation>此 Hub 未列出任何模型。</translation>
        </message>
        <message>
            <source>Searching…</source>
            <translation>正在搜索…</translation>
        </message>
        <message>
            <source>Search, or paste a name or the address of a page</source>
            <translation>搜索，或粘贴名称或网址</translation>
        </message>
        <message>
            <source>Search for models</source>
            <translation>搜索模型</translation>
        </message>
        <message>
            <source>Any task</source>
            <translation>任意任务</translation>
        </message>
        <message>
            <source>Hub</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Order</source>
            <translation>排序</translation>
        </message>
        <message>
            <source>&amp;Hub</source>
            <translation>Hub(&amp;H)</translation>
        </message>
        <message>
            <source>Tas&amp;k</source>
            <translation>任务(&amp;K)</translation>
        </message>
        <message>
            <source>&amp;Order</source>
            <translation>排序(&amp;O)</translation>
        </message>
    </context>
    <context>
        <name>ModelsChoice</name>
        <message>
            <source>Only what is &amp;chosen</source>
            <translation>仅限所选内容(&amp;C)</translation>
        </message>
        <message>
            <source>Choose all shown</source>
            <translation>全选所显示的</translation>
        </message>
        <message>
            <source>Choose none</source>
            <translation>全不选</translation>
        </message>
        <message>
            <source>&amp;Incomplete models too</source>
            <translation>包括不完整的模型(&amp;I)</translation>
        </message>
        <message>
            <source>What cannot be packed</source>
            <translation>无法打包的内容</translation>
        </message>
        <message>
            <source>Comparing with what the other side has</source>
            <translation>正在与对方已有的内容比较</translation>
        </message>
        <message>
            <source>{} cannot be packed</source>
            <translation>{}无法打包</translation>
        </message>
        <message>
            <source>The other side has all of this: there is nothing to carry.</source>
            <translation>对方已有全部内容：无需携带。</translation>
        </message>
        <message>
            <source>Nothing of this can be packed.</source>
            <translation>所选内容均无法打包。</translation>
        </message>
        <message>
            <source>{} of {} chosen</source>
            <translation>已选 {}，共 {}</translation>
        </message>
        <message>
            <source>There is no model in the caches.</source>
            <translation>缓存中没有模型。</translation>
        </message>
        <message>
            <source>Choose what is to be carried.</source>
            <translation>请选择要携带的内容。</translation>
        </message>
        <message>
            <source>Find:  bert  size&gt;1GB  task:ner  is:pinned</source>
            <translation>查找：bert  size&gt;1GB  task:ner  is:pinned</translation>
        </message>
    </context>
    <context>
        <name>MoreForm</name>
        <message>
            <source>what the model takes</source>
            <translation>按模型上限</translation>
        </message>
        <message>
            <source> % of the examples</source>
            <translation> % 的示例</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>All weights</source>
            <translation>全部权重</translation>
        </message>
        <message>
            <source>LoRA, which takes less memory</source>
            <translation>LoRA，占用内存较少</translation>
        </message>
        <message>
            <source>&amp;Epochs</source>
            <translation>轮数(&amp;E)</translation>
        </message>
        <message>
            <source>Learning &amp;rate</source>
            <translation>学习率(&amp;R)</translation>
        </message>
        <message>
            <source>Batc&amp;h</source>
            <translation>批大小(&amp;H)</translation>
        </message>
        <message>
            <source>&amp;Seed</source>
            <translation>种子(&amp;S)</translation>
        </message>
        <message>
            <source>Meth&amp;od</source>
            <translation>方法(&amp;O)</translation>
        </message>
        <message>
            <source>De&amp;vice</source>
            <translation>设备(&amp;V)</translation>
        </message>
        <message>
            <source>Tokens at &amp;most</source>
            <translation>最多 token 数(&amp;M)</translation>
        </message>
        <message>
            <source>Kept &amp;for measuring</source>
            <translation>留作评估(&amp;F)</translation>
        </message>
    </context>
    <context>
        <name>NewKeyDialog</name>
        <message>
            <source>New key</source>
            <translation>新密钥</translation>
        </message>
        <message>
            <source>Make a key to sign with</source>
            <translation>创建用于签名的密钥</translation>
        </message>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>&amp;Without a password: who gets hold of the file can sign with it</source>
            <translation>不设密码：得到该文件的人即可用它签名(&amp;W)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Give it a name.</source>
            <translation>请为它命名。</translation>
        </message>
        <message>
            <source>The two passwords differ.</source>
            <translation>两次输入的密码不一致。</translation>
        </message>
        <message>
            <source>Making the key, which takes a moment on purpose</source>
            <translation>正在生成密钥，为安全起见需要片刻</translation>
        </message>
        <message>
            <source>The key is made</source>
            <translation>密钥已生成</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>密钥</translation>
        </message>
        <message>
            <source>Secret</source>
            <translation>私密密钥</translation>
        </message>
        <message>
            <source>Public</source>
            <translation>公钥</translation>
        </message>
        <message>
            <source>Name of the key</source>
            <translation>密钥名称</translation>
        </message>
        <message>
            <source>It makes {0}.key, which only you can read, and {0}.pub.</source>
            <translation>将生成只有您能读取的 {0}.key，以及 {0}.pub。</translation>
        </message>
        <message>
            <source>&amp;Use this key</source>
            <translation>使用此密钥(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Make the key</source>
            <translation>生成密钥(&amp;M)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Password</source>
            <translation>密码</translation>
        </message>
        <message>
            <source>The password again</source>
            <translation>再次输入密码</translation>
        </message>
        <message>
            <source>&amp;Name</source>
            <translation>名称(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Password</source>
            <translation>密码(&amp;P)</translation>
        </message>
        <message>
            <source>A&amp;gain</source>
            <translation>再次输入(&amp;G)</translation>
        </message>
        <message>
            <source>Keep the secret key to yourself: who has it can sign in your name.</source>
            <translation>请妥善保管私钥：持有它的人可以用您的名义签名。</translation>
        </message>
        <message>
            <source>Whoever imports needs the public key. Carry it by another way than the bundles, so that nobody can exchange both.</source>
            <translation>导入方需要公钥。请通过与合集不同的途径传递，以免两者同时被人调换。</translation>
        </message>
    </context>
    <context>
        <name>NoteEdit</name>
        <message>
            <source>Why is it here? Who needs it?</source>
            <translation>为什么保留它？谁需要它？</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>备注</translation>
        </message>
    </context>
    <context>
        <name>NoteLines</name>
        <message>
            <source>and {} more</source>
            <translation>另有 {} 项</translation>
        </message>
    </context>
    <context>
        <name>Obstacles</name>
        <message>
            <source>Preferences…</source>
            <translation>首选项…</translation>
        </message>
        <message>
            <source>It is dangerous to load. You are asked before it is.</source>
            <translation>加载它有危险。加载前会询问您。</translation>
        </message>
        <message>
            <source>It is dangerous, and is loaded as you allowed for once.</source>
            <translation>它有危险，已按您的一次性许可加载。</translation>
        </message>
        <message>
            <source>It runs code of its own, which needs your yes: {}</source>
            <translation>它会运行自带的代码，需要您的许可：{}</translation>
        </message>
        <message>
            <source>Look and allow…</source>
            <translation>查看并允许…</translation>
        </message>
        <message>
            <source>It runs code of its own, as you allowed for this revision.</source>
            <translation>它会运行自带的代码，您已允许此修订版本运行。</translation>
        </message>
        <message>
            <source>Take that back</source>
            <translation>撤回许可</translation>
        </message>
        <message>
            <source>It takes about {}, and {} are free: it may fail, or make the machine slow.</source>
            <translation>约占 {} 内存，可用 {}：可能会失败，或拖慢本机。</translation>
        </message>
    </context>
    <context>
        <name>OfflineSwitch</name>
        <message>
            <source>Work o&amp;ffline</source>
            <translation>离线工作(&amp;F)</translation>
        </message>
        <message>
            <source>Nothing leaves this machine.</source>
            <translation>本机不向外发送任何内容。</translation>
        </message>
        <message>
            <source>Nothing leaves this machine, because {} is set where Modelkeep was started.</source>
            <translation>本机不向外发送任何内容，因为启动 Modelkeep 时设置了 {}。</translation>
        </message>
        <message>
            <source>When it is on, nothing leaves this machine: no search, no download, no push.</source>
            <translation>开启后，本机不向外发送任何内容：不搜索、不下载、不推送。</translation>
        </message>
    </context>
    <context>
        <name>OptionsForm</name>
        <message>
            <source>&amp;This machine only</source>
            <translation>仅限本机(&amp;T)</translation>
        </message>
        <message>
            <source>Other machines of the &amp;network</source>
            <translation>网络中的其他机器(&amp;N)</translation>
        </message>
        <message>
            <source>Let others p&amp;ush models</source>
            <translation>允许他人推送模型(&amp;U)</translation>
        </message>
        <message>
            <source>Rea&amp;ding needs a token too</source>
            <translation>读取也需要令牌(&amp;D)</translation>
        </message>
        <message>
            <source>Make a token that may push.</source>
            <translation>请创建一个可推送的令牌。</translation>
        </message>
        <message>
            <source>Make a token first.</source>
            <translation>请先创建令牌。</translation>
        </message>
        <message>
            <source>Choose a cache.</source>
            <translation>请选择缓存。</translation>
        </message>
        <message>
            <source>This machine has no address in a network now.</source>
            <translation>本机目前没有网络地址。</translation>
        </message>
        <message>
            <source>Port</source>
            <translation>端口</translation>
        </message>
        <message>
            <source>Cache that takes what is pushed</source>
            <translation>接收推送内容的缓存</translation>
        </message>
        <message>
            <source>P&amp;ort</source>
            <translation>端口(&amp;O)</translation>
        </message>
        <message>
            <source>&amp;into</source>
            <translation>存入(&amp;I)</translation>
        </message>
        <message>
            <source>Who can reach it</source>
            <translation>谁可以访问</translation>
        </message>
        <message>
            <source>Caches</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>What others may do</source>
            <translation>他人可以做什么</translation>
        </message>
        <message>
            <source>Fetch every model of these caches.</source>
            <translation>获取这些缓存中的所有模型。</translation>
        </message>
    </context>
    <context>
        <name>Overview</name>
        <message>
            <source>Lineage</source>
            <translation>来源谱系</translation>
        </message>
        <message>
            <source>What could not be understood</source>
            <translation>无法识别的内容</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>备注</translation>
        </message>
        <message>
            <source>Overview</source>
            <translation>概览</translation>
        </message>
        <message>
            <source>1 remark on its files</source>
            <translation>关于其文件的 1 条说明</translation>
        </message>
        <message>
            <source>{} remarks on its files</source>
            <translation>关于其文件的 {} 条说明</translation>
        </message>
    </context>
    <context>
        <name>PackingPage</name>
        <message>
            <source>Packed so far</source>
            <translation>打包进度</translation>
        </message>
        <message>
            <source>You can close this: packing goes on, and the list of jobs shows how far it is.</source>
            <translation>您可以关闭此窗口：打包会继续进行，进度可在后台任务列表中查看。</translation>
        </message>
        <message>
            <source>Packing…</source>
            <translation>正在打包…</translation>
        </message>
        <message>
            <source>{} of {}</source>
            <translation>{} / {}</translation>
        </message>
    </context>
    <context>
        <name>PlaceChoice</name>
        <message>
            <source>B&amp;rowse…</source>
            <translation>浏览(&amp;R)…</translation>
        </message>
        <message>
            <source>Archives</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>Choose a folder.</source>
            <translation>请选择文件夹。</translation>
        </message>
        <message>
            <source>Working out what is written</source>
            <translation>正在计算将写入的内容</translation>
        </message>
        <message>
            <source>An archive of that name is there already, and is replaced.</source>
            <translation>已有同名的归档，将被替换。</translation>
        </message>
        <message>
            <source>{} archives are there already, and are replaced.</source>
            <translation>已有 {} 个归档，将被替换。</translation>
        </message>
        <message>
            <source>Pack to</source>
            <translation>打包到</translation>
        </message>
        <message>
            <source>Folder to pack to</source>
            <translation>要打包到的文件夹</translation>
        </message>
        <message>
            <source>&amp;To</source>
            <translation>目标位置(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Split</source>
            <translation>分卷(&amp;S)</translation>
        </message>
        <message>
            <source>Archive</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>Places</name>
        <message>
            <source>Copied</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Ref moved</source>
            <translation>移动引用</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>删除</translation>
        </message>
        <message>
            <source>The same</source>
            <translation>相同</translation>
        </message>
        <message>
            <source>Stays</source>
            <translation>保留</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>{} copied</source>
            <translation>{} 个复制</translation>
        </message>
        <message>
            <source>{} refs moved</source>
            <translation>{} 个引用移动</translation>
        </message>
        <message>
            <source>{} deleted</source>
            <translation>{} 个删除</translation>
        </message>
        <message>
            <source>{} stay</source>
            <translation>{} 个保留</translation>
        </message>
        <message>
            <source>{} the same</source>
            <translation>{} 个相同</translation>
        </message>
        <message>
            <source>{} to send</source>
            <translation>需发送 {}</translation>
        </message>
        <message>
            <source>&amp;Sync</source>
            <translation>同步(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Sync: send {}, delete {}</source>
            <translation>同步：发送 {}，删除 {} 个(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Sync: delete {}</source>
            <translation>同步：删除 {} 个(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Sync: send {}</source>
            <translation>同步：发送 {}(&amp;S)</translation>
        </message>
        <message>
            <source>All {} of it are there already: nothing has to be sent.</source>
            <translation>全部 {} 均已存在：无需发送。</translation>
        </message>
        <message>
            <source>{} of {} are sent; the rest is there already.</source>
            <translation>需发送 {}，共 {}；其余部分已存在。</translation>
        </message>
        <message>
            <source>{} are sent.</source>
            <translation>需发送 {}。</translation>
        </message>
        <message>
            <source>&amp;Move</source>
            <translation>移动(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Copy</source>
            <translation>复制(&amp;C)</translation>
        </message>
        <message>
            <source>&amp;Move, send {}</source>
            <translation>移动，发送 {}(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Copy, send {}</source>
            <translation>复制，发送 {}(&amp;C)</translation>
        </message>
    </context>
    <context>
        <name>PlanWait</name>
        <message>
            <source>&amp;Look again</source>
            <translation>重新查看(&amp;L)</translation>
        </message>
        <message>
            <source>Looking</source>
            <translation>正在查看</translation>
        </message>
    </context>
    <context>
        <name>PointsTable</name>
        <message>
            <source>Points of the curve</source>
            <translation>曲线上的数据点</translation>
        </message>
        <message>
            <source>There are no points yet.</source>
            <translation>还没有数据点。</translation>
        </message>
    </context>
    <context>
        <name>PreferencesDialog</name>
        <message>
            <source>OK</source>
            <translation>确定</translation>
        </message>
        <message>
            <source>A&amp;pply</source>
            <translation>应用(&amp;P)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Preferences</source>
            <translation>首选项</translation>
        </message>
        <message>
            <source>Pages</source>
            <translation>页面</translation>
        </message>
    </context>
    <context>
        <name>Preview</name>
        <message>
            <source>No image</source>
            <translation>没有图像</translation>
        </message>
    </context>
    <context>
        <name>ProblemTable</name>
        <message>
            <source>Open the &amp;folder</source>
            <translation>打开文件夹(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Copy</source>
            <translation>复制(&amp;C)</translation>
        </message>
    </context>
    <context>
        <name>ProfileChecks</name>
        <message>
            <source>Testing</source>
            <translation>正在测试</translation>
        </message>
        <message>
            <source>Copy what was found</source>
            <translation>复制测试结果</translation>
        </message>
        <message>
            <source>What the test found</source>
            <translation>测试结果</translation>
        </message>
        <message>
            <source>Test</source>
            <translation>测试</translation>
        </message>
    </context>
    <context>
        <name>ProfileDialog</name>
        <message>
            <source>T&amp;est</source>
            <translation>测试(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Save</source>
            <translation>保存(&amp;S)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>New profile</source>
            <translation>新建 Hub 配置</translation>
        </message>
        <message>
            <source>Profile of a hub</source>
            <translation>Hub 配置</translation>
        </message>
        <message>
            <source>the environment</source>
            <translation>环境变量</translation>
        </message>
        <message>
            <source>It comes from {}, so it cannot be changed here.</source>
            <translation>它来自 {}，因此无法在此更改。</translation>
        </message>
    </context>
    <context>
        <name>ProfileForm</name>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>To connect, in seconds</source>
            <translation>连接超时（秒）</translation>
        </message>
        <message>
            <source>For an answer, in seconds</source>
            <translation>应答超时（秒）</translation>
        </message>
        <message>
            <source>Fetch by &amp;Xet what the hub stores there</source>
            <translation>Hub 存于 Xet 的文件用 Xet 下载(&amp;X)</translation>
        </message>
        <message>
            <source>a second</source>
            <translation>每秒</translation>
        </message>
        <message>
            <source>How to get there</source>
            <translation>连接方式</translation>
        </message>
        <message>
            <source>Mirror</source>
            <translation>镜像</translation>
        </message>
        <message>
            <source>The system’s</source>
            <translation>系统自带</translation>
        </message>
        <message>
            <source>No limit</source>
            <translation>不限</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Address</source>
            <translation>地址</translation>
        </message>
        <message>
            <source>File of certificate authorities</source>
            <translation>证书颁发机构文件</translation>
        </message>
        <message>
            <source>Speed limit, bytes a second</source>
            <translation>限速（每秒字节数）</translation>
        </message>
        <message>
            <source>A token is kept by this name, so it stays.</source>
            <translation>令牌按此名称保存，因此名称不可更改。</translation>
        </message>
        <message>
            <source>&amp;Name</source>
            <translation>名称(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Address</source>
            <translation>地址(&amp;A)</translation>
        </message>
        <message>
            <source>&amp;Token</source>
            <translation>令牌(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Proxy</source>
            <translation>代理(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;CA file</source>
            <translation>CA 文件(&amp;C)</translation>
        </message>
        <message>
            <source>T&amp;ime limits</source>
            <translation>超时(&amp;I)</translation>
        </message>
        <message>
            <source>to connect,</source>
            <translation>用于连接，</translation>
        </message>
        <message>
            <source>for an answer</source>
            <translation>等待应答</translation>
        </message>
        <message>
            <source>Speed &amp;limit</source>
            <translation>限速(&amp;L)</translation>
        </message>
        <message>
            <source>Quicker for large files; needs huggingface_hub.</source>
            <translation>大文件更快；需要 huggingface_hub。</translation>
        </message>
        <message>
            <source>Choose a CA file</source>
            <translation>选择 CA 文件</translation>
        </message>
        <message>
            <source>Certificates (*.pem *.crt *.cer)</source>
            <translation>证书 (*.pem *.crt *.cer)</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
    </context>
    <context>
        <name>ProfileTable</name>
        <message>
            <source>Hubs</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Hub</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>Token</source>
            <translation>令牌</translation>
        </message>
        <message>
            <source>Used</source>
            <translation>使用</translation>
        </message>
        <message>
            <source>by default</source>
            <translation>默认</translation>
        </message>
        <message>
            <source>{} (environment)</source>
            <translation>{}（环境变量）</translation>
        </message>
    </context>
    <context>
        <name>Profiles</name>
        <message>
            <source>none</source>
            <translation>无</translation>
        </message>
        <message>
            <source>in the system’s keyring</source>
            <translation>在系统密钥环中</translation>
        </message>
        <message>
            <source>in a file</source>
            <translation>在文件中</translation>
        </message>
        <message>
            <source>from {}</source>
            <translation>来自 {}</translation>
        </message>
        <message>
            <source>Give it a name.</source>
            <translation>请为它命名。</translation>
        </message>
        <message>
            <source>A name is one line of text.</source>
            <translation>名称只能是一行文字。</translation>
        </message>
        <message>
            <source>There is a profile of that name already.</source>
            <translation>已有同名的配置。</translation>
        </message>
        <message>
            <source>Write an address such as https://huggingface.co.</source>
            <translation>请输入地址，例如 https://huggingface.co。</translation>
        </message>
        <message>
            <source>An address holds no password: put the token into its own field.</source>
            <translation>地址中不能包含密码：请将令牌填入专用的字段。</translation>
        </message>
        <message>
            <source>An address ends before “?” and “#”.</source>
            <translation>地址不能包含“?”和“#”及其后的部分。</translation>
        </message>
        <message>
            <source>Write an address such as http://proxy:3128 or socks5h://proxy:1080.</source>
            <translation>请输入地址，例如 http://proxy:3128 或 socks5h://proxy:1080。</translation>
        </message>
        <message>
            <source>There is no such file.</source>
            <translation>没有此文件。</translation>
        </message>
        <message>
            <source>It cannot be read ({}).</source>
            <translation>无法读取（{}）。</translation>
        </message>
        <message>
            <source>It holds no certificate in PEM form.</source>
            <translation>其中没有 PEM 格式的证书。</translation>
        </message>
        <message>
            <source>Write a size with its unit, such as 10 MB, or nothing.</source>
            <translation>请输入带单位的大小，例如 10 MB，或留空。</translation>
        </message>
        <message>
            <source>works</source>
            <translation>正常</translation>
        </message>
        <message>
            <source>take care</source>
            <translation>请注意</translation>
        </message>
        <message>
            <source>does not work</source>
            <translation>不可用</translation>
        </message>
        <message>
            <source>not tried</source>
            <translation>未测试</translation>
        </message>
    </context>
    <context>
        <name>PromptForm</name>
        <message>
            <source>Prompt</source>
            <translation>提示词</translation>
        </message>
        <message>
            <source>Write a prompt</source>
            <translation>输入提示词</translation>
        </message>
        <message>
            <source>As a &amp;conversation</source>
            <translation>以对话方式(&amp;C)</translation>
        </message>
        <message>
            <source>Put what you write into the model’s chat template, and remember it.</source>
            <translation>将您输入的内容套用模型的对话模板，并记住对话。</translation>
        </message>
        <message>
            <source>&amp;New conversation</source>
            <translation>新对话(&amp;N)</translation>
        </message>
        <message>
            <source>Options</source>
            <translation>选项</translation>
        </message>
        <message>
            <source>Say something first.</source>
            <translation>请先说点什么。</translation>
        </message>
        <message>
            <source>Write a prompt first.</source>
            <translation>请先输入提示词。</translation>
        </message>
        <message>
            <source>Say something</source>
            <translation>说点什么</translation>
        </message>
    </context>
    <context>
        <name>ProxyChoice</name>
        <message>
            <source>As the system says</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>None</source>
            <translation>不使用</translation>
        </message>
        <message>
            <source>This one</source>
            <translation>指定</translation>
        </message>
        <message>
            <source>Proxy</source>
            <translation>代理</translation>
        </message>
        <message>
            <source>Address of the proxy</source>
            <translation>代理地址</translation>
        </message>
    </context>
    <context>
        <name>Push</name>
        <message>
            <source>Stays there</source>
            <translation>在 Hub 上保留</translation>
        </message>
        <message>
            <source>Is not pushed</source>
            <translation>不推送</translation>
        </message>
        <message>
            <source>New</source>
            <translation>新增</translation>
        </message>
        <message>
            <source>New, nothing to send</source>
            <translation>新增，无需发送</translation>
        </message>
        <message>
            <source>Changed</source>
            <translation>有改动</translation>
        </message>
        <message>
            <source>Changed, nothing to send</source>
            <translation>有改动，无需发送</translation>
        </message>
        <message>
            <source>Removed there</source>
            <translation>从 Hub 删除</translation>
        </message>
        <message>
            <source>The same</source>
            <translation>相同</translation>
        </message>
        <message>
            <source>&amp;Push</source>
            <translation>推送(&amp;P)</translation>
        </message>
        <message>
            <source>R&amp;emove 1 file there</source>
            <translation>从 Hub 删除 1 个文件(&amp;E)</translation>
        </message>
        <message>
            <source>R&amp;emove {} files there</source>
            <translation>从 Hub 删除 {} 个文件(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Push 1 file, send {}</source>
            <translation>推送 1 个文件，发送 {}(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;Push {} files, send {}</source>
            <translation>推送 {} 个文件，发送 {}(&amp;P)</translation>
        </message>
        <message>
            <source>{} new</source>
            <translation>{} 个新增</translation>
        </message>
        <message>
            <source>{} changed</source>
            <translation>{} 个有改动</translation>
        </message>
        <message>
            <source>{} the same</source>
            <translation>{} 个相同</translation>
        </message>
        <message>
            <source>{} removed</source>
            <translation>{} 个删除</translation>
        </message>
        <message>
            <source>{} to send</source>
            <translation>需发送 {}</translation>
        </message>
        <message>
            <source>{} is made, private</source>
            <translation>将新建 {}，私有</translation>
        </message>
        <message>
            <source>{} is made, public: everybody can see it</source>
            <translation>将新建 {}，公开：所有人可见</translation>
        </message>
        <message>
            <source>{} gets a pull request to {}</source>
            <translation>将向 {} 的 {} 提交拉取请求</translation>
        </message>
        <message>
            <source>{} gets a new branch {}</source>
            <translation>将在 {} 新建分支 {}</translation>
        </message>
        <message>
            <source>{} gets a new commit on {}</source>
            <translation>将在 {} 的 {} 上新增一个提交</translation>
        </message>
        <message>
            <source>the token belongs to {}</source>
            <translation>令牌属于 {}</translation>
        </message>
        <message>
            <source>{} on {}: revision {} is the first that {} leads to</source>
            <translation>{}（位于 {}）：修订版本 {} 将是 {} 指向的首个修订版本</translation>
        </message>
        <message>
            <source>{} on {}: revision {} is there, and {} leads to it</source>
            <translation>{}（位于 {}）：修订版本 {} 已存在，{} 指向它</translation>
        </message>
        <message>
            <source>{} on {}: revision {} is what {} leads to then, instead of {}</source>
            <translation>{}（位于 {}）：修订版本 {} 将成为 {} 的新指向，取代 {}</translation>
        </message>
        <message>
            <source>{}, line {}</source>
            <translation>{}，第 {} 行</translation>
        </message>
        <message>
            <source>Give it a name, as user/name.</source>
            <translation>请为它命名，格式为“用户名/名称”。</translation>
        </message>
        <message>
            <source>Name the user or the organisation too, as user/name.</source>
            <translation>还须写明用户或组织，格式为“用户名/名称”。</translation>
        </message>
        <message>
            <source>A name looks like user/name: letters, digits, “-”, “_” and “.”.</source>
            <translation>名称的格式为“用户名/名称”：可用字母、数字、“-”、“_”和“.”。</translation>
        </message>
        <message>
            <source>All of it is there as it is here.</source>
            <translation>远程仓库上全部与本机一致。</translation>
        </message>
        <message>
            <source>{} had all of {} already. Its names lead to it now.</source>
            <translation>{} 上已有 {} 的全部内容。其引用现已指向它。</translation>
        </message>
        <message>
            <source>Pushed {} to {}, sent {}.</source>
            <translation>已将 {}推送到 {}，发送 {}。</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>{} of them were compared and are there as they are here.</source>
            <translation>其中 {} 个已核对，Hub 上与本机一致。</translation>
        </message>
        <message>
            <source>The hub has it as it is here.</source>
            <translation>Hub 上与本机一致。</translation>
        </message>
        <message>
            <source>The hub has all of them as they are here.</source>
            <translation>Hub 上全部与本机一致。</translation>
        </message>
    </context>
    <context>
        <name>PushDialog</name>
        <message>
            <source>&amp;Look again</source>
            <translation>重新查看(&amp;L)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>&amp;Push</source>
            <translation>推送(&amp;P)</translation>
        </message>
        <message>
            <source>The hub has all of it already: there is nothing to push.</source>
            <translation>Hub 上已有全部内容：无需推送。</translation>
        </message>
        <message>
            <source>The remote has all of its files already: only names are set.</source>
            <translation>远程仓库已有其全部文件：仅需设置引用。</translation>
        </message>
        <message>
            <source>The remote has all of it already: there is nothing to push.</source>
            <translation>远程仓库已有全部内容：无需推送。</translation>
        </message>
        <message>
            <source>What is left out</source>
            <translation>不推送的内容</translation>
        </message>
        <message>
            <source>{} left out, as .gitignore and the like say</source>
            <translation>按 .gitignore 等规则不推送 {} 个</translation>
        </message>
        <message>
            <source>Looking at what is there</source>
            <translation>正在查看目标位置的内容</translation>
        </message>
        <message>
            <source>Push</source>
            <translation>推送</translation>
        </message>
        <message>
            <source>Push to a hub or a remote</source>
            <translation>推送到 Hub 或远程仓库</translation>
        </message>
    </context>
    <context>
        <name>PushForm</name>
        <message>
            <source>As a pull &amp;request</source>
            <translation>作为拉取请求(&amp;R)</translation>
        </message>
        <message>
            <source>Rem&amp;ove there what is not here</source>
            <translation>删除 Hub 上多出的文件(&amp;O)</translation>
        </message>
        <message>
            <source>What changed (optional)</source>
            <translation>改动内容（可选）</translation>
        </message>
        <message>
            <source>What is new (optional)</source>
            <translation>更新内容（可选）</translation>
        </message>
        <message>
            <source>Use {}</source>
            <translation>使用 {}</translation>
        </message>
        <message>
            <source>The name below your own</source>
            <translation>您自己名下的名称</translation>
        </message>
        <message>
            <source>Name a branch, such as main.</source>
            <translation>请写明分支，例如 main。</translation>
        </message>
        <message>
            <source>Private</source>
            <translation>私有</translation>
        </message>
        <message>
            <source>Public: everybody can see it</source>
            <translation>公开：所有人可见</translation>
        </message>
        <message>
            <source>As it is there</source>
            <translation>保持现状</translation>
        </message>
        <message>
            <source>Only a new repository can be made private or public here.</source>
            <translation>在此只能为新仓库选择私有或公开。</translation>
        </message>
        <message>
            <source>None, or such as production</source>
            <translation>无，或例如 production</translation>
        </message>
        <message>
            <source>user/name</source>
            <translation>用户名/名称</translation>
        </message>
        <message>
            <source>Name there</source>
            <translation>目标名称</translation>
        </message>
        <message>
            <source>Hub or remote</source>
            <translation>Hub 或远程仓库</translation>
        </message>
        <message>
            <source>Who can see it</source>
            <translation>可见范围</translation>
        </message>
        <message>
            <source>Branch</source>
            <translation>分支</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>说明</translation>
        </message>
        <message>
            <source>Tags</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Pu&amp;sh</source>
            <translation>推送内容(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;To</source>
            <translation>推送到(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Where</source>
            <translation>位置(&amp;W)</translation>
        </message>
        <message>
            <source>&amp;Branch</source>
            <translation>分支(&amp;B)</translation>
        </message>
        <message>
            <source>Ta&amp;gs</source>
            <translation>标签(&amp;G)</translation>
        </message>
        <message>
            <source>&amp;Message</source>
            <translation>说明(&amp;M)</translation>
        </message>
    </context>
    <context>
        <name>PushResultDialog</name>
        <message>
            <source>Pushed to {}</source>
            <translation>已推送到 {}</translation>
        </message>
        <message>
            <source>Push</source>
            <translation>推送</translation>
        </message>
        <message>
            <source>Commit {}</source>
            <translation>提交 {}</translation>
        </message>
        <message>
            <source>&amp;Open the page</source>
            <translation>打开页面(&amp;O)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>1 file is not there as it was sent. Push again, or look at it there.</source>
            <translation>1 个文件在 Hub 上与所发送的不一致。请重新推送，或到 Hub 上查看。</translation>
        </message>
        <message>
            <source>{} files are not there as they were sent. Push again, or look at them there.</source>
            <translation>{} 个文件在 Hub 上与所发送的不一致。请重新推送，或到 Hub 上查看。</translation>
        </message>
        <message>
            <source>Files that differ</source>
            <translation>不一致的文件</translation>
        </message>
        <message>
            <source>1 other is there as it is here.</source>
            <translation>另有 1 个与本机一致。</translation>
        </message>
        <message>
            <source>{} others are there as they are here.</source>
            <translation>另有 {} 个与本机一致。</translation>
        </message>
        <message>
            <source>Pull request</source>
            <translation>拉取请求</translation>
        </message>
        <message>
            <source>Page</source>
            <translation>页面</translation>
        </message>
        <message>
            <source>Copy the link</source>
            <translation>复制链接</translation>
        </message>
    </context>
    <context>
        <name>PushSource</name>
        <message>
            <source>What to push</source>
            <translation>要推送的内容</translation>
        </message>
        <message>
            <source>Choose a folder</source>
            <translation>请选择文件夹</translation>
        </message>
        <message>
            <source>&amp;Folder…</source>
            <translation>文件夹(&amp;F)…</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>Push a folder</source>
            <translation>推送文件夹</translation>
        </message>
    </context>
    <context>
        <name>QuestionForm</name>
        <message>
            <source>Question</source>
            <translation>问题</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>文本</translation>
        </message>
        <message>
            <source>The text in which the answer stands</source>
            <translation>包含答案的文本</translation>
        </message>
        <message>
            <source>&amp;Question</source>
            <translation>问题(&amp;Q)</translation>
        </message>
        <message>
            <source>Te&amp;xt</source>
            <translation>文本(&amp;X)</translation>
        </message>
        <message>
            <source>Write a question first.</source>
            <translation>请先输入问题。</translation>
        </message>
        <message>
            <source>Write the text in which the answer stands.</source>
            <translation>请输入包含答案的文本。</translation>
        </message>
    </context>
    <context>
        <name>RegisterDialog</name>
        <message>
            <source>Register a model</source>
            <translation>注册模型</translation>
        </message>
        <message>
            <source>Kept in {}</source>
            <translation>保存在 {}</translation>
        </message>
        <message>
            <source>&amp;Register</source>
            <translation>注册(&amp;R)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>RegisterForm</name>
        <message>
            <source>&amp;Folder…</source>
            <translation>文件夹(&amp;F)…</translation>
        </message>
        <message>
            <source>Take the &amp;place of what has this name</source>
            <translation>替换同名的已注册模型(&amp;P)</translation>
        </message>
        <message>
            <source>“{}” becomes a new type.</source>
            <translation>“{}”将成为新类型。</translation>
        </message>
        <message>
            <source>This is code, which runs in the program that loads the model.</source>
            <translation>这是代码，会在加载该模型的程序中运行。</translation>
        </message>
        <message>
            <source>Choose the folder of a model</source>
            <translation>选择模型所在的文件夹</translation>
        </message>
        <message>
            <source>The usual one of its type, or package.module:Class</source>
            <translation>其类型的默认加载器，或 package.module:Class</translation>
        </message>
        <message>
            <source>The usual one of its loader</source>
            <translation>其加载器的默认类</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>our-ner</source>
            <translation>our-ner</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>org/name, org/name@revision or a folder</source>
            <translation>org/name、org/name@revision 或文件夹</translation>
        </message>
        <message>
            <source>Tags</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>ner, german</source>
            <translation>ner, german</translation>
        </message>
        <message>
            <source>Description</source>
            <translation>描述</translation>
        </message>
        <message>
            <source>What it is for, in a line</source>
            <translation>一行文字，说明其用途</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数</translation>
        </message>
        <message>
            <source>Type</source>
            <translation>类型</translation>
        </message>
        <message>
            <source>Loader</source>
            <translation>加载器</translation>
        </message>
        <message>
            <source>Class</source>
            <translation>类</translation>
        </message>
        <message>
            <source>What its configuration is to have, one to a line</source>
            <translation>要写入其配置的参数，每行一个</translation>
        </message>
        <message>
            <source>&amp;Name</source>
            <translation>名称(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Model</source>
            <translation>模型(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Type</source>
            <translation>类型(&amp;T)</translation>
        </message>
        <message>
            <source>Ta&amp;gs</source>
            <translation>标签(&amp;G)</translation>
        </message>
        <message>
            <source>&amp;Description</source>
            <translation>描述(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Loader</source>
            <translation>加载器(&amp;L)</translation>
        </message>
        <message>
            <source>Clas&amp;s</source>
            <translation>类(&amp;S)</translation>
        </message>
        <message>
            <source>P&amp;arameters</source>
            <translation>参数(&amp;A)</translation>
        </message>
        <message>
            <source>How it is loaded</source>
            <translation>加载方式</translation>
        </message>
    </context>
    <context>
        <name>Registry</name>
        <message>
            <source>What is wrong in the files</source>
            <translation>文件中的问题</translation>
        </message>
        <message>
            <source>What is wrong</source>
            <translation>问题</translation>
        </message>
        <message>
            <source>File and line</source>
            <translation>文件和行号</translation>
        </message>
        <message>
            <source>Give it a name.</source>
            <translation>请为它命名。</translation>
        </message>
        <message>
            <source>A name has letters, digits, and “.”, “-”, “_” and “/”.</source>
            <translation>名称只能包含字母、数字以及“.”、“-”、“_”和“/”。</translation>
        </message>
        <message>
            <source>It is registered in {}, line {}; change it there, or take another name.</source>
            <translation>它已在 {} 第 {} 行注册；请在那里更改，或换一个名称。</translation>
        </message>
        <message>
            <source>{} is registered by this name already.</source>
            <translation>{} 已用此名称注册。</translation>
        </message>
        <message>
            <source>Name a model, or choose a folder.</source>
            <translation>请输入模型名称，或选择文件夹。</translation>
        </message>
        <message>
            <source>Write the whole path, from the root on.</source>
            <translation>请输入从根目录开始的完整路径。</translation>
        </message>
        <message>
            <source>A type has letters, digits and “_”, and no digit first.</source>
            <translation>类型只能包含字母、数字和“_”，且不能以数字开头。</translation>
        </message>
        <message>
            <source>Name a class of transformers, such as AutoModelForTokenClassification.</source>
            <translation>请输入 transformers 的类名，例如 AutoModelForTokenClassification。</translation>
        </message>
        <message>
            <source>There are {}, and classes of yours as package.module:Class.</source>
            <translation>可用 {}，您自己的类请写作 package.module:Class。</translation>
        </message>
        <message>
            <source>“{}” is not NAME=VALUE.</source>
            <translation>“{}”不是 NAME=VALUE 格式。</translation>
        </message>
        <message>
            <source>Registered models</source>
            <translation>已注册的模型</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Cached</source>
            <translation>缓存状态</translation>
        </message>
        <message>
            <source>Type</source>
            <translation>类型</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Tags</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Description</source>
            <translation>描述</translation>
        </message>
        <message>
            <source>whole</source>
            <translation>完整</translation>
        </message>
        <message>
            <source>not proven</source>
            <translation>未证实</translation>
        </message>
        <message>
            <source>incomplete</source>
            <translation>不完整</translation>
        </message>
        <message>
            <source>damaged</source>
            <translation>已损坏</translation>
        </message>
        <message>
            <source>a folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>not here</source>
            <translation>不在本机</translation>
        </message>
        <message>
            <source>No cache has it.</source>
            <translation>所有缓存中都没有它。</translation>
        </message>
        <message>
            <source>Modelkeep</source>
            <translation>Modelkeep</translation>
        </message>
        <message>
            <source>this program</source>
            <translation>本程序</translation>
        </message>
        <message>
            <source>It comes with Modelkeep.</source>
            <translation>随 Modelkeep 提供。</translation>
        </message>
        <message>
            <source>{}, line {}</source>
            <translation>{}，第 {} 行</translation>
        </message>
        <message>
            <source>A program registered it, for as long as it runs.</source>
            <translation>由程序注册，仅在程序运行期间有效。</translation>
        </message>
        <message>
            <source>The folder is not there.</source>
            <translation>文件夹不存在。</translation>
        </message>
        <message>
            <source>No cache has it. Download it, and programs can load it by its name.</source>
            <translation>所有缓存中都没有它。下载后，程序即可按名称加载它。</translation>
        </message>
        <message>
            <source>loader {}</source>
            <translation>加载器 {}</translation>
        </message>
    </context>
    <context>
        <name>RegistryFolder</name>
        <message>
            <source>Files that register models</source>
            <translation>注册模型的文件</translation>
        </message>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>The variable {} of the environment says so.</source>
            <translation>由环境变量 {} 指定。</translation>
        </message>
        <message>
            <source>Choose a folder</source>
            <translation>选择文件夹</translation>
        </message>
    </context>
    <context>
        <name>RegistryPage</name>
        <message>
            <source>Re&amp;gister…</source>
            <translation>注册(&amp;G)…</translation>
        </message>
        <message>
            <source>&amp;Check a file…</source>
            <translation>检查文件(&amp;C)…</translation>
        </message>
        <message>
            <source>Do&amp;wnload…</source>
            <translation>下载(&amp;W)…</translation>
        </message>
        <message>
            <source>Show in the &amp;library</source>
            <translation>在模型库中显示(&amp;L)</translation>
        </message>
        <message>
            <source>Tr&amp;y it…</source>
            <translation>试用(&amp;Y)…</translation>
        </message>
        <message>
            <source>&amp;Open the folder</source>
            <translation>打开文件夹(&amp;O)</translation>
        </message>
        <message>
            <source>Copy the &amp;Python code</source>
            <translation>复制 Python 代码(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;Unregister</source>
            <translation>取消注册(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Look again</source>
            <translation>重新查看(&amp;L)</translation>
        </message>
        <message>
            <source>Looking at what is registered</source>
            <translation>正在查看已注册的模型</translation>
        </message>
        <message>
            <source>1 thing is wrong in the files that register models; what it is about is left out.</source>
            <translation>注册模型的文件中有 1 处问题；有问题的条目已忽略。</translation>
        </message>
        <message>
            <source>{} things are wrong in the files that register models; what they are about is left out.</source>
            <translation>注册模型的文件中有 {} 处问题；有问题的条目已忽略。</translation>
        </message>
        <message>
            <source>What is registered could not be read</source>
            <translation>无法读取已注册的模型</translation>
        </message>
        <message>
            <source>No registered model has these words. Clear the filter to see all.</source>
            <translation>没有已注册的模型包含这些词。清除筛选条件可查看全部。</translation>
        </message>
        <message>
            <source>No model is registered.</source>
            <translation>尚未注册任何模型。</translation>
        </message>
        <message>
            <source>{} of {}</source>
            <translation>{} / {}</translation>
        </message>
        <message>
            <source>{} of {} are here</source>
            <translation>本机有 {} 个，共 {} 个</translation>
        </message>
        <message>
            <source>Only what was registered here can be unregistered here.</source>
            <translation>只有在此处注册的模型才能在此处取消注册。</translation>
        </message>
        <message>
            <source>Filter names, types, tags</source>
            <translation>筛选名称、类型、标签</translation>
        </message>
        <message>
            <source>Filter the registered models</source>
            <translation>筛选已注册的模型</translation>
        </message>
    </context>
    <context>
        <name>RemoteDeletionDialog</name>
        <message>
            <source>Delete {} on {}?</source>
            <translation>删除 {}（位于 {}）？</translation>
        </message>
        <message>
            <source>Delete on the remote</source>
            <translation>从远程仓库删除</translation>
        </message>
        <message>
            <source>Name of the model</source>
            <translation>模型名称</translation>
        </message>
        <message>
            <source>Type the name of the model to go on:</source>
            <translation>如要继续，请输入模型名称：</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>1 revision goes, {}.</source>
            <translation>将删除 1 个修订版本：{}。</translation>
        </message>
        <message>
            <source>{} revisions go.</source>
            <translation>将删除 {} 个修订版本。</translation>
        </message>
        <message>
            <source>{} can be freed there: what other models share stays.</source>
            <translation>远程仓库上可释放 {}：与其他模型共享的部分会保留。</translation>
        </message>
        <message>
            <source>These names lead nowhere then: {}</source>
            <translation>以下引用将没有指向：{}</translation>
        </message>
        <message>
            <source>Revisions</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Made from it, and there still: {}</source>
            <translation>由其衍生且仍保留的模型：{}</translation>
        </message>
        <message>
            <source>{} and {} more</source>
            <translation>{} 等，另有 {} 个</translation>
        </message>
        <message>
            <source>It can be brought back until the garbage of the remote is collected, for {} at least.</source>
            <translation>在远程仓库的垃圾被回收之前可以恢复，至少还有 {}。</translation>
        </message>
        <message>
            <source>It is gone for good, for everyone who uses it.</source>
            <translation>将彻底删除，所有使用者都无法再获取。</translation>
        </message>
        <message>
            <source>&amp;Delete</source>
            <translation>删除(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Delete for good</source>
            <translation>彻底删除(&amp;D)</translation>
        </message>
    </context>
    <context>
        <name>RemoteDialog</name>
        <message>
            <source>&amp;Test</source>
            <translation>测试(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Save</source>
            <translation>保存(&amp;S)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Remote</source>
            <translation>远程仓库</translation>
        </message>
        <message>
            <source>Add a remote</source>
            <translation>添加远程仓库</translation>
        </message>
        <message>
            <source>The rest was not tested: it needs what failed.</source>
            <translation>其余部分未测试：它们依赖未通过的项目。</translation>
        </message>
    </context>
    <context>
        <name>RemoteForm</name>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>Choose a folder</source>
            <translation>请选择文件夹</translation>
        </message>
        <message>
            <source>The first one</source>
            <translation>第一个</translation>
        </message>
        <message>
            <source>A folder: a share, a stick, a synced directory</source>
            <translation>文件夹：网络共享、U 盘或同步目录</translation>
        </message>
        <message>
            <source>An S3 store: AWS, Ceph, MinIO and others</source>
            <translation>S3 存储库：AWS、Ceph、MinIO 等</translation>
        </message>
        <message>
            <source>A hub, by its profile</source>
            <translation>Hub，按其配置</translation>
        </message>
        <message>
            <source>Another kind, by its URL</source>
            <translation>其他类型，按其 URL</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>team</source>
            <translation>team</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>/srv/models</source>
            <translation>/srv/models</translation>
        </message>
        <message>
            <source>Bucket</source>
            <translation>存储桶</translation>
        </message>
        <message>
            <source>models</source>
            <translation>models</translation>
        </message>
        <message>
            <source>Prefix</source>
            <translation>前缀</translation>
        </message>
        <message>
            <source>None: all of the bucket</source>
            <translation>无：整个存储桶</translation>
        </message>
        <message>
            <source>Endpoint</source>
            <translation>端点</translation>
        </message>
        <message>
            <source>None: AWS itself</source>
            <translation>无：AWS 本身</translation>
        </message>
        <message>
            <source>Region</source>
            <translation>区域</translation>
        </message>
        <message>
            <source>The usual one</source>
            <translation>默认区域</translation>
        </message>
        <message>
            <source>AWS profile</source>
            <translation>AWS 配置文件</translation>
        </message>
        <message>
            <source>None</source>
            <translation>无</translation>
        </message>
        <message>
            <source>Owner</source>
            <translation>所有者</translation>
        </message>
        <message>
            <source>Everyone’s models</source>
            <translation>所有人的模型</translation>
        </message>
        <message>
            <source>URL</source>
            <translation>URL</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>类型</translation>
        </message>
        <message>
            <source>Hub</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>Fetch into</source>
            <translation>取回到</translation>
        </message>
        <message>
            <source>Its key and what is followed go by this name, so it stays.</source>
            <translation>其密钥和关注的内容按此名称保存，因此名称不可更改。</translation>
        </message>
        <message>
            <source>&amp;Name</source>
            <translation>名称(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Kind</source>
            <translation>类型(&amp;K)</translation>
        </message>
        <message>
            <source>Its address and token are those of the profile, under Hubs.</source>
            <translation>其地址和令牌取自“Hub”页中的配置。</translation>
        </message>
        <message>
            <source>F&amp;older</source>
            <translation>文件夹(&amp;O)</translation>
        </message>
        <message>
            <source>&amp;Bucket</source>
            <translation>存储桶(&amp;B)</translation>
        </message>
        <message>
            <source>&amp;Prefix</source>
            <translation>前缀(&amp;P)</translation>
        </message>
        <message>
            <source>En&amp;dpoint</source>
            <translation>端点(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Region</source>
            <translation>区域(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;AWS profile</source>
            <translation>AWS 配置文件(&amp;A)</translation>
        </message>
        <message>
            <source>K&amp;ey</source>
            <translation>密钥(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Hub</source>
            <translation>Hub(&amp;H)</translation>
        </message>
        <message>
            <source>Owne&amp;r</source>
            <translation>所有者(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;URL</source>
            <translation>URL(&amp;U)</translation>
        </message>
        <message>
            <source>Fetch &amp;into</source>
            <translation>取回到(&amp;I)</translation>
        </message>
    </context>
    <context>
        <name>RemoteListings</name>
        <message>
            <source>See which remotes there are</source>
            <translation>查看有哪些远程仓库</translation>
        </message>
        <message>
            <source>List {}</source>
            <translation>列出 {}</translation>
        </message>
    </context>
    <context>
        <name>RemotePage</name>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>1 model there</source>
            <translation>远程仓库上有 1 个模型</translation>
        </message>
        <message>
            <source>{} models there</source>
            <translation>远程仓库上有 {} 个模型</translation>
        </message>
        <message>
            <source>{} newer</source>
            <translation>{} 个有更新</translation>
        </message>
        <message>
            <source>{} This is what it held before.</source>
            <translation>{} 以下是此前的内容。</translation>
        </message>
        <message>
            <source>Nothing is there yet. Push a model that is here, and everyone who can reach it has it.</source>
            <translation>尚无内容。推送本机的模型后，所有能访问此远程仓库的人都可取回。</translation>
        </message>
        <message>
            <source>No model is shown. Clear the filter to see all.</source>
            <translation>没有可显示的模型。清除筛选条件可查看全部。</translation>
        </message>
        <message>
            <source>No model is in this list.</source>
            <translation>此列表中没有模型。</translation>
        </message>
    </context>
    <context>
        <name>RemotePane</name>
        <message>
            <source>Lineage</source>
            <translation>来源谱系</translation>
        </message>
        <message>
            <source>Revisions</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>No revision is there.</source>
            <translation>远程仓库上没有修订版本。</translation>
        </message>
        <message>
            <source>History of main</source>
            <translation>main 的历史</translation>
        </message>
        <message>
            <source>The remote keeps no history.</source>
            <translation>远程仓库不保留历史。</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Select a model to see what the remote says of it.</source>
            <translation>选择一个模型，查看远程仓库上的相关信息。</translation>
        </message>
        <message>
            <source>Asking the remote…</source>
            <translation>正在查询远程仓库…</translation>
        </message>
        <message>
            <source>The remote has not got this model. Push it to share it there.</source>
            <translation>远程仓库上没有此模型。推送到那里即可共享。</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>SHA-256</source>
            <translation>SHA-256</translation>
        </message>
        <message>
            <source>What the remote says</source>
            <translation>远程仓库上的信息</translation>
        </message>
        <message>
            <source>Overview</source>
            <translation>概览</translation>
        </message>
        <message>
            <source>History</source>
            <translation>历史</translation>
        </message>
    </context>
    <context>
        <name>RemoteState</name>
        <message>
            <source>Try &amp;again</source>
            <translation>重试(&amp;A)</translation>
        </message>
        <message>
            <source>Test the &amp;connection</source>
            <translation>测试连接(&amp;C)</translation>
        </message>
        <message>
            <source>&amp;Push a model…</source>
            <translation>推送模型(&amp;P)…</translation>
        </message>
        <message>
            <source>Show what &amp;is here</source>
            <translation>查看本机内容(&amp;I)</translation>
        </message>
        <message>
            <source>Go &amp;online</source>
            <translation>联网工作(&amp;O)</translation>
        </message>
        <message>
            <source>Asking what it holds…</source>
            <translation>正在查询其内容…</translation>
        </message>
        <message>
            <source>Nothing is there yet</source>
            <translation>尚无内容</translation>
        </message>
        <message>
            <source>What you push to this remote is listed here, for everyone who can reach it.</source>
            <translation>推送到此远程仓库的内容会列在这里，所有能访问它的人都能看到。</translation>
        </message>
    </context>
    <context>
        <name>Remotes</name>
        <message>
            <source>Pushed</source>
            <translation>推送</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>位置</translation>
        </message>
        <message>
            <source>here</source>
            <translation>本机</translation>
        </message>
        <message>
            <source>there</source>
            <translation>远程</translation>
        </message>
        <message>
            <source>both</source>
            <translation>两处</translation>
        </message>
        <message>
            <source>newer</source>
            <translation>有更新</translation>
        </message>
        <message>
            <source>In a cache of this machine. The remote has not got it.</source>
            <translation>在本机的缓存中。远程仓库上没有。</translation>
        </message>
        <message>
            <source>On the remote. No cache of this machine has it.</source>
            <translation>在远程仓库上。本机的缓存中均没有。</translation>
        </message>
        <message>
            <source>On the remote and in a cache of this machine, the same revision.</source>
            <translation>远程仓库和本机的缓存中都有，且为同一修订版本。</translation>
        </message>
        <message>
            <source>In both, and main leads to another revision there than here.</source>
            <translation>两处都有，但远程仓库上 main 指向的修订版本与本机不同。</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>S3 store</source>
            <translation>S3 存储库</translation>
        </message>
        <message>
            <source>Hub</source>
            <translation>Hub</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Space</source>
            <translation>空间</translation>
        </message>
        <message>
            <source>Contains pickles: they can run code when loaded.</source>
            <translation>含 pickle 文件：加载时可能运行代码。</translation>
        </message>
        <message>
            <source>Comes with Python code of its own, which may run when loaded.</source>
            <translation>自带 Python 代码，加载时可能运行。</translation>
        </message>
        <message>
            <source>These are not known to be all files that the revision has where it came from.</source>
            <translation>无法确认这些是该修订版本在其来源处的全部文件。</translation>
        </message>
        <message>
            <source>removed</source>
            <translation>已删除</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Description</source>
            <translation>描述</translation>
        </message>
        <message>
            <source>Licence</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>not stated</source>
            <translation>未注明</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Library</source>
            <translation>库</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数量</translation>
        </message>
        <message>
            <source>Formats</source>
            <translation>格式</translation>
        </message>
        <message>
            <source>Languages</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Tags</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>all revisions together, each content once</source>
            <translation>所有修订版本合计，相同内容只计一次</translation>
        </message>
        <message>
            <source>Takes there</source>
            <translation>远程仓库占用</translation>
        </message>
        <message>
            <source>What changed</source>
            <translation>改动内容</translation>
        </message>
        <message>
            <source>Made</source>
            <translation>创建</translation>
        </message>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>just now</source>
            <translation>刚刚</translation>
        </message>
        <message>
            <source>{} ago</source>
            <translation>{}前</translation>
        </message>
        <message>
            <source>{}, by {}</source>
            <translation>{}，{}</translation>
        </message>
        <message>
            <source>Give it a name.</source>
            <translation>请为它命名。</translation>
        </message>
        <message>
            <source>A name is one word of letters, digits, “-”, “_” and “.”.</source>
            <translation>名称须为一个词，由字母、数字、“-”、“_”和“.”组成。</translation>
        </message>
        <message>
            <source>There is a remote of that name already.</source>
            <translation>已有同名的远程仓库。</translation>
        </message>
        <message>
            <source>“here” means the caches of this machine.</source>
            <translation>“here”表示本机的缓存，不能用作名称。</translation>
        </message>
        <message>
            <source>Choose a folder.</source>
            <translation>请选择文件夹。</translation>
        </message>
        <message>
            <source>Write the whole path, from the root on.</source>
            <translation>请输入从根目录开始的完整路径。</translation>
        </message>
        <message>
            <source>It is no folder.</source>
            <translation>这不是文件夹。</translation>
        </message>
        <message>
            <source>Name the bucket.</source>
            <translation>请写明存储桶。</translation>
        </message>
        <message>
            <source>A bucket has 3 to 63 small letters, digits, “-” and “.”.</source>
            <translation>存储桶名称由 3 到 63 个小写字母、数字、“-”和“.”组成。</translation>
        </message>
        <message>
            <source>Write a URL with its scheme, such as scheme://place.</source>
            <translation>请输入带协议的 URL，例如 scheme://place。</translation>
        </message>
        <message>
            <source>A URL holds no password here.</source>
            <translation>此处的 URL 中不能包含密码。</translation>
        </message>
        <message>
            <source>Write an address such as https://s3.example.org.</source>
            <translation>请输入地址，例如 https://s3.example.org。</translation>
        </message>
        <message>
            <source>An address holds no password: put the key into its own fields.</source>
            <translation>地址中不能包含密码：请将密钥填入专用的字段。</translation>
        </message>
        <message>
            <source>List the hubs</source>
            <translation>列出 Hub</translation>
        </message>
        <message>
            <source>Remove {}?</source>
            <translation>移除 {}？</translation>
        </message>
        <message>
            <source>Its key is forgotten too, and what is followed of it. What it holds stays there.</source>
            <translation>其密钥以及对其内容的关注也会被删除。其中存放的内容会保留。</translation>
        </message>
        <message>
            <source>&amp;Remove</source>
            <translation>移除(&amp;R)</translation>
        </message>
        <message>
            <source>Remove {}</source>
            <translation>移除 {}</translation>
        </message>
        <message>
            <source>Test {}</source>
            <translation>测试 {}</translation>
        </message>
        <message>
            <source>Save {}</source>
            <translation>保存 {}</translation>
        </message>
    </context>
    <context>
        <name>RemotesPage</name>
        <message>
            <source>Remotes</source>
            <translation>远程仓库</translation>
        </message>
        <message>
            <source>Looking…</source>
            <translation>正在查看…</translation>
        </message>
        <message>
            <source>&amp;Add a remote…</source>
            <translation>添加远程仓库(&amp;A)…</translation>
        </message>
        <message>
            <source>&amp;Edit…</source>
            <translation>编辑(&amp;E)…</translation>
        </message>
        <message>
            <source>&amp;Test</source>
            <translation>测试(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Remove</source>
            <translation>移除(&amp;R)</translation>
        </message>
        <message>
            <source>See which remotes there are</source>
            <translation>查看有哪些远程仓库</translation>
        </message>
        <message>
            <source>There is no remote yet.</source>
            <translation>还没有远程仓库。</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>类型</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>位置</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>密钥</translation>
        </message>
        <message>
            <source>none</source>
            <translation>无</translation>
        </message>
        <message>
            <source>Places that models are pushed to and fetched from</source>
            <translation>推送和取回模型所用的位置</translation>
        </message>
        <message>
            <source>What is changed on this page counts at once.</source>
            <translation>此页上的更改立即生效。</translation>
        </message>
    </context>
    <context>
        <name>RepairDialog</name>
        <message>
            <source>Repair {}?</source>
            <translation>修复 {}？</translation>
        </message>
        <message>
            <source>What will be done</source>
            <translation>将执行的操作</translation>
        </message>
        <message>
            <source>What goes to the trash can be put back; its space is free once the trash is emptied.</source>
            <translation>移到回收站的内容可以恢复；清空回收站后才会释放空间。</translation>
        </message>
        <message>
            <source>There is no undo for: {}.</source>
            <translation>以下操作无法撤销：{}。</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>RestoreDialog</name>
        <message>
            <source>Bring back deleted models</source>
            <translation>恢复已删除的模型</translation>
        </message>
        <message>
            <source>Deleted from {}</source>
            <translation>从 {} 删除的内容</translation>
        </message>
        <message>
            <source>Deleted models</source>
            <translation>已删除的模型</translation>
        </message>
        <message>
            <source>&amp;Bring back</source>
            <translation>恢复(&amp;B)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>They come back with their names. What garbage collection has removed is not listed.</source>
            <translation>模型会连同其引用一起恢复。已被垃圾回收移除的内容不会列出。</translation>
        </message>
        <message>
            <source>Looking for what was deleted</source>
            <translation>正在查找已删除的内容</translation>
        </message>
        <message>
            <source>Nothing was deleted that could be brought back.</source>
            <translation>没有可以恢复的已删除内容。</translation>
        </message>
        <message>
            <source>&amp;Bring back {}</source>
            <translation>恢复 {}(&amp;B)</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Revisions</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>ResultColumn</name>
        <message>
            <source>and {} more, which copying and saving give</source>
            <translation>另有 {} 项，复制和保存时会包含</translation>
        </message>
        <message>
            <source>It was stopped; this is what it had.</source>
            <translation>已停止；以下是已得到的内容。</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
    </context>
    <context>
        <name>ResultList</name>
        <message>
            <source>Models found</source>
            <translation>找到的模型</translation>
        </message>
    </context>
    <context>
        <name>ResultRows</name>
        <message>
            <source>here</source>
            <translation>已有</translation>
        </message>
        <message>
            <source>{} parameters</source>
            <translation>参数量 {}</translation>
        </message>
        <message>
            <source>{} downloads</source>
            <translation>下载 {} 次</translation>
        </message>
        <message>
            <source>{} likes</source>
            <translation>点赞 {} 次</translation>
        </message>
        <message>
            <source>updated {}</source>
            <translation>更新于{}</translation>
        </message>
        <message>
            <source>in a cache here</source>
            <translation>已在本机缓存中</translation>
        </message>
    </context>
    <context>
        <name>Results</name>
        <message>
            <source>Text</source>
            <translation>文本</translation>
        </message>
        <message>
            <source>The answer comes here.</source>
            <translation>回答将显示在这里。</translation>
        </message>
    </context>
    <context>
        <name>Revisions</name>
        <message>
            <source>Revisions</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Copy commit</source>
            <translation>复制提交号</translation>
        </message>
        <message>
            <source>Make this main…</source>
            <translation>设为 main…</translation>
        </message>
        <message>
            <source>Delete revision…</source>
            <translation>删除修订版本…</translation>
        </message>
        <message>
            <source>Changed here {}</source>
            <translation>本地修改于 {}</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>frees {}</source>
            <translation>可释放 {}</translation>
        </message>
    </context>
    <context>
        <name>RootChoice</name>
        <message>
            <source>{name} · {free} free</source>
            <translation>{name} · 可用 {free}</translation>
        </message>
    </context>
    <context>
        <name>RunBar</name>
        <message>
            <source>&amp;Run</source>
            <translation>运行(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Stop</source>
            <translation>停止(&amp;S)</translation>
        </message>
        <message>
            <source>Ask the model</source>
            <translation>向模型提问</translation>
        </message>
        <message>
            <source>Stop it, and keep what has come</source>
            <translation>停止，并保留已得到的内容</translation>
        </message>
        <message>
            <source>Copy the answer</source>
            <translation>复制回答</translation>
        </message>
        <message>
            <source>Save the answer…</source>
            <translation>保存回答…</translation>
        </message>
    </context>
    <context>
        <name>Safety</name>
        <message>
            <source>Findings</source>
            <translation>扫描结果</translation>
        </message>
        <message>
            <source>Convert to safetensors…</source>
            <translation>转换为 safetensors…</translation>
        </message>
        <message>
            <source>Copy what was found</source>
            <translation>复制扫描结果</translation>
        </message>
        <message>
            <source>Nobody has scanned this revision yet.</source>
            <translation>此修订版本尚未扫描。</translation>
        </message>
        <message>
            <source>A scan reads its files and loads none of them.</source>
            <translation>扫描会读取其文件，但不会加载。</translation>
        </message>
        <message>
            <source>Scan now</source>
            <translation>立即扫描</translation>
        </message>
        <message>
            <source>Scan again</source>
            <translation>重新扫描</translation>
        </message>
        <message>
            <source>No finding in any file.</source>
            <translation>所有文件均未发现问题。</translation>
        </message>
        <message>
            <source>Scanned just now by {}</source>
            <translation>刚刚由 {} 扫描</translation>
        </message>
        <message>
            <source>Scanned {} ago by {}</source>
            <translation>{}前由 {} 扫描</translation>
        </message>
        <message>
            <source>clean</source>
            <translation>未见异常</translation>
        </message>
        <message>
            <source>notice</source>
            <translation>提示</translation>
        </message>
        <message>
            <source>suspicious</source>
            <translation>可疑</translation>
        </message>
        <message>
            <source>could not be scanned</source>
            <translation>无法扫描</translation>
        </message>
        <message>
            <source>dangerous</source>
            <translation>危险</translation>
        </message>
        <message>
            <source>A scan is a filter and no proof: what it does not know, it does not find.</source>
            <translation>扫描只是筛查，并非证明：未知的手法查不出来。</translation>
        </message>
        <message>
            <source>Nothing unsafe was found in its file.</source>
            <translation>其文件未发现不安全内容。</translation>
        </message>
        <message>
            <source>Nothing unsafe was found in {} files.</source>
            <translation>{} 个文件均未发现不安全内容。</translation>
        </message>
        <message>
            <source>Nothing unsafe was found, but 1 file to know of.</source>
            <translation>未发现不安全内容，但有 1 个文件值得留意。</translation>
        </message>
        <message>
            <source>Nothing unsafe was found, but {} files to know of.</source>
            <translation>未发现不安全内容，但有 {} 个文件值得留意。</translation>
        </message>
        <message>
            <source>1 file is suspicious.</source>
            <translation>1 个文件可疑。</translation>
        </message>
        <message>
            <source>{} files are suspicious.</source>
            <translation>{} 个文件可疑。</translation>
        </message>
        <message>
            <source>1 file could not be scanned.</source>
            <translation>1 个文件无法扫描。</translation>
        </message>
        <message>
            <source>{} files could not be scanned.</source>
            <translation>{} 个文件无法扫描。</translation>
        </message>
        <message>
            <source>1 file is dangerous.</source>
            <translation>1 个文件有危险。</translation>
        </message>
        <message>
            <source>{} files are dangerous.</source>
            <translation>{} 个文件有危险。</translation>
        </message>
        <message>
            <source>Load it only if you trust who made it. Weights as safetensors hold only numbers.</source>
            <translation>仅在信任其制作者时加载。safetensors 格式的权重只含数值。</translation>
        </message>
        <message>
            <source>What could not be scanned may hold anything: trust who made it, or do not load it.</source>
            <translation>无法扫描的内容可能含有任何东西：请仅在信任其制作者时加载。</translation>
        </message>
        <message>
            <source>Do not load it. Delete it, or get another revision, best one with safetensors.</source>
            <translation>请勿加载。请将其删除，或换用其他修订版本，最好是含 safetensors 的版本。</translation>
        </message>
        <message>
            <source>It runs its own code when it is loaded.</source>
            <translation>加载时会运行自带的代码。</translation>
        </message>
        <message>
            <source>It is a pickle, which can run code.</source>
            <translation>这是 pickle，可能运行代码。</translation>
        </message>
        <message>
            <source>Scanned {} by {}</source>
            <translation>{} 由 {} 扫描</translation>
        </message>
    </context>
    <context>
        <name>SafetyDialog</name>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>扫描结果</translation>
        </message>
        <message>
            <source>Con&amp;vert to safetensors…</source>
            <translation>转换为 safetensors(&amp;V)…</translation>
        </message>
        <message>
            <source>&amp;Delete…</source>
            <translation>删除(&amp;D)…</translation>
        </message>
        <message>
            <source>Cop&amp;y</source>
            <translation>复制(&amp;Y)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Scan for unsafe content</source>
            <translation>扫描不安全内容</translation>
        </message>
        <message>
            <source>1 clean revision is not listed.</source>
            <translation>未列出 1 个未见异常的修订版本。</translation>
        </message>
        <message>
            <source>{} clean revisions are not listed.</source>
            <translation>未列出 {} 个未见异常的修订版本。</translation>
        </message>
        <message>
            <source>{} is dangerous</source>
            <translation>{} 有危险</translation>
        </message>
        <message>
            <source>{} could not be scanned as a whole</source>
            <translation>{} 未能完整扫描</translation>
        </message>
        <message>
            <source>{} is suspicious</source>
            <translation>{} 可疑</translation>
        </message>
        <message>
            <source>Nothing unsafe was found in {}</source>
            <translation>未在 {} 中发现不安全内容</translation>
        </message>
        <message>
            <source>1 of {} models is dangerous</source>
            <translation>{} 个模型中有 1 个存在危险</translation>
        </message>
        <message>
            <source>{1} of {0} models are dangerous</source>
            <translation>{0} 个模型中有 {1} 个存在危险</translation>
        </message>
        <message>
            <source>1 of {} models could not be scanned as a whole</source>
            <translation>{} 个模型中有 1 个未能完整扫描</translation>
        </message>
        <message>
            <source>{1} of {0} models could not be scanned as a whole</source>
            <translation>{0} 个模型中有 {1} 个未能完整扫描</translation>
        </message>
        <message>
            <source>1 of {} models is suspicious</source>
            <translation>{} 个模型中有 1 个可疑</translation>
        </message>
        <message>
            <source>{1} of {0} models are suspicious</source>
            <translation>{0} 个模型中有 {1} 个可疑</translation>
        </message>
        <message>
            <source>Nothing unsafe was found in {} models</source>
            <translation>未在 {} 个模型中发现不安全内容</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Verdict</source>
            <translation>结论</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>位置</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
    </context>
    <context>
        <name>SaidLines</name>
        <message>
            <source>Copy: {}</source>
            <translation>复制：{}</translation>
        </message>
    </context>
    <context>
        <name>SearchField</name>
        <message>
            <source>Filter:  bert  size&gt;1GB  task:ner  unused&gt;90d</source>
            <translation>筛选：bert  size&gt;1GB  task:ner  unused&gt;90d</translation>
        </message>
        <message>
            <source>Filter</source>
            <translation>筛选</translation>
        </message>
        <message>
            <source>Words, or terms such as size&gt;1GB, task:ner, unused&gt;90d, is:damaged, format:pickle.</source>
            <translation>单词，或 size&gt;1GB、task:ner、unused&gt;90d、is:damaged、format:pickle 等条件。</translation>
        </message>
        <message>
            <source>Clear the filter</source>
            <translation>清除筛选条件</translation>
        </message>
    </context>
    <context>
        <name>SecondsField</name>
        <message>
            <source> s</source>
            <translation> 秒</translation>
        </message>
    </context>
    <context>
        <name>SecretsBox</name>
        <message>
            <source>It is pushed although it looks like a secret.</source>
            <translation>它看起来像机密信息，但仍会推送。</translation>
        </message>
        <message>
            <source>This looks like a secret. Leave the file out above, or tick it here.</source>
            <translation>这看起来像机密信息。请在上方取消勾选该文件，或在此处勾选。</translation>
        </message>
        <message>
            <source>{} things look like secrets. Leave the files out above, or tick each here.</source>
            <translation>有 {} 处看起来像机密信息。请在上方取消勾选这些文件，或在此处逐一勾选。</translation>
        </message>
    </context>
    <context>
        <name>SentencesForm</name>
        <message>
            <source>Sentences, one in each line</source>
            <translation>句子，每行一个</translation>
        </message>
        <message>
            <source>Write a sentence first.</source>
            <translation>请先输入句子。</translation>
        </message>
        <message>
            <source>Write another sentence to compare it with.</source>
            <translation>请再输入一个句子，以便比较。</translation>
        </message>
    </context>
    <context>
        <name>SequenceForm</name>
        <message>
            <source>as usual</source>
            <translation>默认</translation>
        </message>
        <message>
            <source>&amp;From</source>
            <translation>源语言(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;To</source>
            <translation>目标语言(&amp;T)</translation>
        </message>
        <message>
            <source>Options</source>
            <translation>选项</translation>
        </message>
    </context>
    <context>
        <name>Setup</name>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>Tas&amp;k</source>
            <translation>任务(&amp;K)</translation>
        </message>
        <message>
            <source>&amp;Device</source>
            <translation>设备(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Precision</source>
            <translation>精度(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;File</source>
            <translation>文件(&amp;F)</translation>
        </message>
        <message>
            <source>Looking at what it takes…</source>
            <translation>正在查看所需资源…</translation>
        </message>
    </context>
    <context>
        <name>SharePanel</name>
        <message>
            <source>Begin &amp;anew</source>
            <translation>重新开始(&amp;A)</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Off. Nobody can fetch anything from here.</source>
            <translation>已关闭。无人可从这里获取内容。</translation>
        </message>
        <message>
            <source>Starting…</source>
            <translation>正在启动…</translation>
        </message>
        <message>
            <source>Stopping, once what is on its way has ended…</source>
            <translation>待正在传输的内容完成后停止…</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>the network</source>
            <translation>网络中的机器</translation>
        </message>
        <message>
            <source>programs of this machine</source>
            <translation>本机的程序</translation>
        </message>
        <message>
            <source>On: {} for {}, who may push too.</source>
            <translation>已开启：{1}可获取 {0}，也可推送。</translation>
        </message>
        <message>
            <source>On: {} for {}.</source>
            <translation>已开启：{1}可获取 {0}。</translation>
        </message>
        <message>
            <source>&amp;Stop at once</source>
            <translation>立即停止(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Share</source>
            <translation>共享(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Stop sharing</source>
            <translation>停止共享(&amp;S)</translation>
        </message>
        <message>
            <source>Share this cache</source>
            <translation>共享此缓存</translation>
        </message>
        <message>
            <source>Somebody is fetching. The change counts once sharing begins anew, which cuts them off.</source>
            <translation>有人正在获取。更改在重新开始共享后生效，这会中断他们。</translation>
        </message>
        <message>
            <source>Tokens</source>
            <translation>令牌</translation>
        </message>
    </context>
    <context>
        <name>Sharing</name>
        <message>
            <source>The server ended by itself.</source>
            <translation>服务器自行退出了。</translation>
        </message>
    </context>
    <context>
        <name>SharingIndicator</name>
        <message>
            <source>Sharing begins…</source>
            <translation>正在开始共享…</translation>
        </message>
        <message>
            <source>Sharing ends…</source>
            <translation>正在结束共享…</translation>
        </message>
        <message>
            <source>Sharing stopped</source>
            <translation>共享已停止</translation>
        </message>
        <message>
            <source>Sharing · {} fetching</source>
            <translation>共享中 · {} 个正在获取</translation>
        </message>
        <message>
            <source>Sharing with the network</source>
            <translation>正在与网络共享</translation>
        </message>
        <message>
            <source>Sharing</source>
            <translation>共享中</translation>
        </message>
    </context>
    <context>
        <name>ShortcutsDialog</name>
        <message>
            <source>Keyboard shortcuts</source>
            <translation>键盘快捷键</translation>
        </message>
        <message>
            <source>Command</source>
            <translation>命令</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>按键</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>Sidebar</name>
        <message>
            <source>Caches and lists</source>
            <translation>缓存和列表</translation>
        </message>
        <message>
            <source>Caches</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>All</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>Every cache: {}</source>
            <translation>全部缓存：{}</translation>
        </message>
        <message>
            <source>{}
This folder is not there now, as when a disk is not connected.</source>
            <translation>{}
此文件夹当前不存在，例如磁盘未连接。</translation>
        </message>
        <message>
            <source>away</source>
            <translation>未连接</translation>
        </message>
        <message>
            <source>Add a remote…</source>
            <translation>添加远程仓库…</translation>
        </message>
        <message>
            <source>A folder, an S3 store or a hub that models are pushed to and fetched from</source>
            <translation>用于推送和取回模型的文件夹、S3 存储库或 Hub</translation>
        </message>
        <message>
            <source>Remotes</source>
            <translation>远程仓库</translation>
        </message>
        <message>
            <source>Follows {}</source>
            <translation>关注 {} 项</translation>
        </message>
        <message>
            <source>follows {}</source>
            <translation>关注 {} 项</translation>
        </message>
        <message>
            <source>Damaged</source>
            <translation>已损坏</translation>
        </message>
        <message>
            <source>Dangerous</source>
            <translation>危险</translation>
        </message>
        <message>
            <source>Incomplete</source>
            <translation>不完整</translation>
        </message>
        <message>
            <source>Pinned</source>
            <translation>已固定</translation>
        </message>
        <message>
            <source>Unused {} days</source>
            <translation>{} 天未使用</translation>
        </message>
        <message>
            <source>Pickles</source>
            <translation>含 pickle</translation>
        </message>
        <message>
            <source>Custom code</source>
            <translation>自定义代码</translation>
        </message>
        <message>
            <source>Datasets and others</source>
            <translation>数据集及其他</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>筛选</translation>
        </message>
        <message>
            <source>As the filter {}</source>
            <translation>等同于筛选条件 {}</translation>
        </message>
        <message>
            <source>Downloads</source>
            <translation>下载</translation>
        </message>
        <message numerus="yes">
            <source>%n stopped</source>
            <translation>
                <numerusform>%n 个已停止</numerusform>
            </translation>
        </message>
        <message>
            <source>Trainings</source>
            <translation>训练</translation>
        </message>
        <message>
            <source>What is being fine-tuned, and how it goes</source>
            <translation>正在微调的模型及其进度</translation>
        </message>
        <message>
            <source>empty</source>
            <translation>空</translation>
        </message>
        <message>
            <source>Trash</source>
            <translation>回收站</translation>
        </message>
        <message>
            <source>Doctor</source>
            <translation>诊断</translation>
        </message>
        <message>
            <source>What is wrong with the caches, and what mends it</source>
            <translation>缓存有哪些问题，如何修复</translation>
        </message>
        <message>
            <source>Activity</source>
            <translation>活动记录</translation>
        </message>
        <message>
            <source>What was done, by whom and when</source>
            <translation>谁在何时做了什么</translation>
        </message>
        <message>
            <source>Registered models</source>
            <translation>已注册的模型</translation>
        </message>
        <message>
            <source>Models by names of their own, and whether they are here</source>
            <translation>以自定名称注册的模型，以及本机是否已有</translation>
        </message>
    </context>
    <context>
        <name>SiteChoice</name>
        <message>
            <source>Drop the other side’s inventory here</source>
            <translation>将对方的清单拖放到此处</translation>
        </message>
        <message>
            <source>The file that its Modelkeep wrote, such as here.json: what is in it need not be carried again.</source>
            <translation>由对方的 Modelkeep 写出的文件，例如 here.json：其中已有的内容无需再携带。</translation>
        </message>
        <message>
            <source>&amp;Choose the file…</source>
            <translation>选择文件(&amp;C)…</translation>
        </message>
        <message>
            <source>Another &amp;file…</source>
            <translation>其他文件(&amp;F)…</translation>
        </message>
        <message>
            <source>&amp;It has nothing, or I do not know: pack every file</source>
            <translation>对方没有任何内容，或情况不明：打包所有文件(&amp;I)</translation>
        </message>
        <message>
            <source>Inventory of the other side</source>
            <translation>对方的清单</translation>
        </message>
        <message>
            <source>Inventories</source>
            <translation>清单</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>所有文件</translation>
        </message>
        <message>
            <source>Reading {}</source>
            <translation>正在读取 {}</translation>
        </message>
    </context>
    <context>
        <name>SiteDialog</name>
        <message>
            <source>Say what this site has</source>
            <translation>说明本站点已有的内容</translation>
        </message>
        <message>
            <source>What is here</source>
            <translation>已有内容</translation>
        </message>
        <message>
            <source>Carry it</source>
            <translation>携带</translation>
        </message>
        <message>
            <source>Import the bundle</source>
            <translation>导入合集</translation>
        </message>
        <message>
            <source>I have a b&amp;undle…</source>
            <translation>我有合集(&amp;U)…</translation>
        </message>
        <message>
            <source>Looking at what is here</source>
            <translation>正在查看已有内容</translation>
        </message>
        <message>
            <source>&amp;Write the file</source>
            <translation>写入文件(&amp;W)</translation>
        </message>
        <message>
            <source>&amp;Next</source>
            <translation>下一步(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Look at the bundle…</source>
            <translation>查看合集(&amp;L)…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>Space</name>
        <message>
            <source>Used longest ago</source>
            <translation>最久未使用</translation>
        </message>
        <message>
            <source>Came longest ago</source>
            <translation>最早存入</translation>
        </message>
        <message>
            <source>Used least often</source>
            <translation>使用次数最少</translation>
        </message>
        <message>
            <source>Nothing by itself</source>
            <translation>不主动清理</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>&amp;Move to the trash</source>
            <translation>移到回收站(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Delete {} for good, free {}</source>
            <translation>彻底删除 {}，释放 {}(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Move {} to the trash, {}</source>
            <translation>将 {}移到回收站，{}(&amp;M)</translation>
        </message>
        <message>
            <source>The disk gains {} at once. There is no way back.</source>
            <translation>磁盘将立即释放 {}。此操作无法撤销。</translation>
        </message>
        <message>
            <source>The disk gains {} only when the trash is emptied. Until then all of it can be restored.</source>
            <translation>清空回收站后磁盘才会释放 {}。在此之前均可恢复。</translation>
        </message>
        <message>
            <source>not used for {} (limit {})</source>
            <translation>{}未使用（上限 {}）</translation>
        </message>
        <message>
            <source>never seen in use</source>
            <translation>没有使用记录</translation>
        </message>
        <message>
            <source>seen in use once</source>
            <translation>使用过 1 次</translation>
        </message>
        <message>
            <source>seen in use {} times</source>
            <translation>使用过 {} 次</translation>
        </message>
        <message>
            <source>no use is known; it has just come</source>
            <translation>没有使用记录；刚刚存入</translation>
        </message>
        <message>
            <source>no use is known; came {} ago</source>
            <translation>没有使用记录；{}前存入</translation>
        </message>
        <message>
            <source>used just now</source>
            <translation>刚刚使用</translation>
        </message>
        <message>
            <source>used {} ago</source>
            <translation>{}前使用</translation>
        </message>
        <message>
            <source>its files were read just now</source>
            <translation>刚刚读取过文件</translation>
        </message>
        <message>
            <source>its files were read {} ago</source>
            <translation>{}前读取过文件</translation>
        </message>
        <message>
            <source>pinned</source>
            <translation>已固定</translation>
        </message>
        <message>
            <source>followed from a remote</source>
            <translation>关注自远程</translation>
        </message>
        <message>
            <source>a link to another place</source>
            <translation>指向别处的链接</translation>
        </message>
        <message>
            <source>in use or being downloaded</source>
            <translation>正在使用或下载</translation>
        </message>
        <message>
            <source>{name} · {size} · {why}</source>
            <translation>{name} · {size} · {why}</translation>
        </message>
        <message>
            <source>has just come</source>
            <translation>刚刚存入</translation>
        </message>
        <message>
            <source>came {} ago</source>
            <translation>{}前存入</translation>
        </message>
        <message>
            <source>not known</source>
            <translation>未知</translation>
        </message>
        <message>
            <source>No use is known.</source>
            <translation>没有使用记录。</translation>
        </message>
        <message>
            <source>{} (seen by Modelkeep)</source>
            <translation>{}（由 Modelkeep 记录）</translation>
        </message>
        <message>
            <source>{} or later (by the file system's access time)</source>
            <translation>{} 或更晚（按文件系统的访问时间）</translation>
        </message>
        <message>
            <source>{} or later (this disk does not keep access times well)</source>
            <translation>{} 或更晚（此磁盘的访问时间不可靠）</translation>
        </message>
        <message>
            <source>{} are freed when it goes</source>
            <translation>清理后可释放 {}</translation>
        </message>
        <message>
            <source>{frees}; it has {size}. The rest is needed by something else.</source>
            <translation>{frees}；其大小为 {size}，其余部分另有他用。</translation>
        </message>
    </context>
    <context>
        <name>SpaceAmount</name>
        <message>
            <source>How much to free</source>
            <translation>要释放的空间</translation>
        </message>
        <message>
            <source>How much to free, typed</source>
            <translation>手动输入的要释放的空间</translation>
        </message>
        <message>
            <source>Write a size with its unit, such as 2 GB or 650 MB.</source>
            <translation>请输入带单位的大小，例如 2 GB 或 650 MB。</translation>
        </message>
        <message>
            <source>No more than {} can be freed here.</source>
            <translation>此处最多可释放 {}。</translation>
        </message>
    </context>
    <context>
        <name>SpaceBar</name>
        <message>
            <source>{free} free now · {after} free after it · {total} in all</source>
            <translation>现在可用 {free} · 之后可用 {after} · 共 {total}</translation>
        </message>
        <message>
            <source>{free} free now · {after} free once the trash is emptied · {total} in all</source>
            <translation>现在可用 {free} · 清空回收站后可用 {after} · 共 {total}</translation>
        </message>
        <message>
            <source>{free} free now · {total} in all</source>
            <translation>现在可用 {free} · 共 {total}</translation>
        </message>
    </context>
    <context>
        <name>SpaceChoices</name>
        <message>
            <source>&amp;Also what was not used for</source>
            <translation>也清理未使用超过(&amp;A)</translation>
        </message>
        <message>
            <source> days</source>
            <translation> 天</translation>
        </message>
        <message>
            <source>Days without use</source>
            <translation>未使用天数</translation>
        </message>
        <message>
            <source> h</source>
            <translation> 小时</translation>
        </message>
        <message>
            <source>What goes first</source>
            <translation>优先清理的内容</translation>
        </message>
        <message>
            <source>Hours within which what came stays</source>
            <translation>新存入内容的保留小时数</translation>
        </message>
        <message>
            <source>What came within this &amp;time stays:</source>
            <translation>保留此时间内存入的内容(&amp;T)：</translation>
        </message>
    </context>
    <context>
        <name>SpaceDialog</name>
        <message>
            <source>Something has changed meanwhile. Look at the list again.</source>
            <translation>其间有变化。请重新查看列表。</translation>
        </message>
    </context>
    <context>
        <name>SpaceForm</name>
        <message>
            <source>Free up space</source>
            <translation>释放空间</translation>
        </message>
        <message>
            <source>1 model would come before, and stays</source>
            <translation>有 1 个模型排在前面，但会保留</translation>
        </message>
        <message>
            <source>{} would come before, and stay</source>
            <translation>有 {}排在前面，但会保留</translation>
        </message>
        <message>
            <source>No cache is here that can be written to.</source>
            <translation>没有可写入的缓存。</translation>
        </message>
        <message>
            <source>Looking at the models…</source>
            <translation>正在查看模型…</translation>
        </message>
        <message>
            <source>Say how much to free: the models that this means are listed here.</source>
            <translation>请指定要释放多少空间：这里会列出相应的模型。</translation>
        </message>
        <message>
            <source>Nothing can go: what is here is pinned, or has just come.</source>
            <translation>没有可清理的内容：现有模型均已固定或刚刚存入。</translation>
        </message>
        <message>
            <source>No model is in this cache.</source>
            <translation>此缓存中没有模型。</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Models that stay</source>
            <translation>保留的模型</translation>
        </message>
        <message>
            <source>Delete for &amp;good, free it now</source>
            <translation>彻底删除，立即释放(&amp;G)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>&amp;Cache</source>
            <translation>缓存(&amp;C)</translation>
        </message>
        <message>
            <source>H&amp;ow much</source>
            <translation>释放多少(&amp;O)</translation>
        </message>
        <message>
            <source>Goes &amp;first</source>
            <translation>优先清理(&amp;F)</translation>
        </message>
    </context>
    <context>
        <name>SpaceRows</name>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Last used</source>
            <translation>上次使用</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>原因</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>In all</source>
            <translation>累计</translation>
        </message>
        <message>
            <source>in use or being downloaded</source>
            <translation>正在使用或下载</translation>
        </message>
        <message>
            <source>you keep it</source>
            <translation>由您保留</translation>
        </message>
    </context>
    <context>
        <name>SpaceTable</name>
        <message>
            <source>Models that go</source>
            <translation>将清理的模型</translation>
        </message>
    </context>
    <context>
        <name>SpeedGraph</name>
        <message>
            <source>Speed</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>Bytes a second over the last two minutes</source>
            <translation>最近两分钟的每秒字节数</translation>
        </message>
        <message>
            <source>{}/s</source>
            <translation>{}/s</translation>
        </message>
    </context>
    <context>
        <name>SplitChoice</name>
        <message>
            <source>Size of a volume</source>
            <translation>分卷大小</translation>
        </message>
        <message>
            <source>Size of a volume, typed</source>
            <translation>手动输入的分卷大小</translation>
        </message>
        <message>
            <source>Write a size with its unit, such as 2 GB or 650 MB.</source>
            <translation>请输入带单位的大小，例如 2 GB 或 650 MB。</translation>
        </message>
        <message>
            <source>A volume has to have at least 1 MB.</source>
            <translation>每个分卷至少须为 1 MB。</translation>
        </message>
        <message>
            <source>In one piece</source>
            <translation>不分卷</translation>
        </message>
        <message>
            <source>FAT32 stick (4 GiB − 1)</source>
            <translation>FAT32 U 盘（4 GiB − 1）</translation>
        </message>
        <message>
            <source>1 GB each</source>
            <translation>每卷 1 GB</translation>
        </message>
        <message>
            <source>CD (700 MB)</source>
            <translation>CD（700 MB）</translation>
        </message>
        <message>
            <source>DVD (4.7 GB)</source>
            <translation>DVD（4.7 GB）</translation>
        </message>
        <message>
            <source>Other size…</source>
            <translation>其他大小…</translation>
        </message>
    </context>
    <context>
        <name>StepLine</name>
        <message>
            <source>Step {} of {}: {}</source>
            <translation>第 {} 步，共 {} 步：{}</translation>
        </message>
        <message>
            <source>All {} steps are done</source>
            <translation>全部 {} 步已完成</translation>
        </message>
    </context>
    <context>
        <name>Steps</name>
        <message>
            <source>Copy commit</source>
            <translation>复制提交号</translation>
        </message>
    </context>
    <context>
        <name>Summary</name>
        <message>
            <source>What they share with each other is freed too when all of them go.</source>
            <translation>全部删除时，它们之间共享的部分也会释放。</translation>
        </message>
        <message>
            <source>{} selected</source>
            <translation>已选 {} 项</translation>
        </message>
        <message>
            <source>{} damaged</source>
            <translation>{} 个已损坏</translation>
        </message>
        <message>
            <source>{} incomplete</source>
            <translation>{} 个不完整</translation>
        </message>
        <message>
            <source>{} not proven</source>
            <translation>{} 个未证实</translation>
        </message>
        <message>
            <source>{} whole</source>
            <translation>{} 个完整</translation>
        </message>
        <message>
            <source>at least {}</source>
            <translation>至少 {}</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>On disk</source>
            <translation>磁盘占用</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
    </context>
    <context>
        <name>SyncDialog</name>
        <message>
            <source>From</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>To</source>
            <translation>同步到</translation>
        </message>
        <message>
            <source>&amp;Delete there what only the destination has</source>
            <translation>删除仅目标位置才有的内容(&amp;D)</translation>
        </message>
        <message>
            <source>What becomes of each model</source>
            <translation>各模型的处理方式</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Comparing the two places</source>
            <translation>正在比较两处的内容</translation>
        </message>
        <message>
            <source>1 revision is deleted from {place}.</source>
            <translation>将从 {place} 删除 1 个修订版本。</translation>
        </message>
        <message>
            <source>{count} revisions are deleted from {place}.</source>
            <translation>将从 {place} 删除 {count} 个修订版本。</translation>
        </message>
        <message>
            <source>{} has all that {} has: there is nothing to do.</source>
            <translation>{} 已有 {} 的全部内容：无需任何操作。</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>What happens</source>
            <translation>处理方式</translation>
        </message>
        <message>
            <source>Refs</source>
            <translation>引用</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>原因</translation>
        </message>
        <message>
            <source>To send</source>
            <translation>需发送</translation>
        </message>
        <message>
            <source>Sync</source>
            <translation>同步</translation>
        </message>
        <message>
            <source>Make one place have what another has</source>
            <translation>使一处拥有另一处的内容</translation>
        </message>
        <message>
            <source>&amp;From</source>
            <translation>来源(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;To</source>
            <translation>目标位置(&amp;T)</translation>
        </message>
        <message>
            <source>One way: nothing changes where it comes from. What was sent need not be sent again.</source>
            <translation>单向：来源处不会有任何改动。已发送的内容无需重新发送。</translation>
        </message>
    </context>
    <context>
        <name>TagDialog</name>
        <message>
            <source>Tag a revision</source>
            <translation>为修订版本添加标签</translation>
        </message>
        <message>
            <source>Give a revision of {} a name</source>
            <translation>为 {} 的修订版本命名</translation>
        </message>
        <message>
            <source>Why (optional)</source>
            <translation>原因（可选）</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>原因</translation>
        </message>
        <message>
            <source>&amp;Name</source>
            <translation>名称(&amp;N)</translation>
        </message>
        <message>
            <source>&amp;Leads to</source>
            <translation>指向(&amp;L)</translation>
        </message>
        <message>
            <source>&amp;Why</source>
            <translation>原因(&amp;W)</translation>
        </message>
        <message>
            <source>&amp;Tag</source>
            <translation>添加标签(&amp;T)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>It leads there already.</source>
            <translation>已指向该修订版本。</translation>
        </message>
        <message>
            <source>{} leads to {} now. Whoever fetches it gets the other revision from then on.</source>
            <translation>{} 目前指向 {}。此后取回它的人将得到另一修订版本。</translation>
        </message>
        <message>
            <source>The name is new.</source>
            <translation>这是新名称。</translation>
        </message>
    </context>
    <context>
        <name>TextForm</name>
        <message>
            <source>Text</source>
            <translation>文本</translation>
        </message>
        <message>
            <source>Write or paste a text</source>
            <translation>输入或粘贴文本</translation>
        </message>
        <message>
            <source>Write a text first.</source>
            <translation>请先输入文本。</translation>
        </message>
    </context>
    <context>
        <name>TokenField</name>
        <message>
            <source>Token</source>
            <translation>令牌</translation>
        </message>
        <message>
            <source>Show the token</source>
            <translation>显示令牌</translation>
        </message>
        <message>
            <source>Keep it in a &amp;file instead of the keyring</source>
            <translation>保存在文件中，而不是密钥环(&amp;F)</translation>
        </message>
        <message>
            <source>F&amp;orget the token that is kept</source>
            <translation>删除已保存的令牌(&amp;O)</translation>
        </message>
        <message>
            <source>Whoever can read your files can read the token then.</source>
            <translation>这样，能读取您文件的人就能读取令牌。</translation>
        </message>
        <message>
            <source>Hide the token</source>
            <translation>隐藏令牌</translation>
        </message>
        <message>
            <source>None: only what is public</source>
            <translation>无：仅限公开内容</translation>
        </message>
        <message>
            <source>It is forgotten when you save.</source>
            <translation>保存时将删除。</translation>
        </message>
        <message>
            <source>The one there is, {}</source>
            <translation>现有令牌，{}</translation>
        </message>
        <message>
            <source>Kept in the system’s keyring.</source>
            <translation>保存在系统密钥环中。</translation>
        </message>
    </context>
    <context>
        <name>TokensBox</name>
        <message>
            <source>Tokens</source>
            <translation>令牌</translation>
        </message>
        <message>
            <source>may pus&amp;h</source>
            <translation>可推送(&amp;H)</translation>
        </message>
        <message>
            <source>Ma&amp;ke token</source>
            <translation>创建令牌(&amp;K)</translation>
        </message>
        <message>
            <source>Re&amp;move</source>
            <translation>移除(&amp;M)</translation>
        </message>
        <message>
            <source>The new token</source>
            <translation>新令牌</translation>
        </message>
        <message>
            <source>The token of {}. It is shown this once and kept nowhere: copy it now.</source>
            <translation>{} 的令牌。仅显示这一次，不会保存：请立即复制。</translation>
        </message>
        <message>
            <source>Remove the token of {}?</source>
            <translation>移除 {} 的令牌？</translation>
        </message>
        <message>
            <source>Who has it is refused from now on. The same token cannot be made again.</source>
            <translation>此后持有它的人将被拒绝。无法再次创建相同的令牌。</translation>
        </message>
        <message>
            <source>&amp;Remove</source>
            <translation>移除(&amp;R)</translation>
        </message>
        <message>
            <source>No token yet</source>
            <translation>还没有令牌</translation>
        </message>
        <message>
            <source>Who will use it</source>
            <translation>由谁使用</translation>
        </message>
        <message>
            <source>Name of the new token</source>
            <translation>新令牌的名称</translation>
        </message>
        <message>
            <source>Copy the token</source>
            <translation>复制令牌</translation>
        </message>
        <message>
            <source>Token of</source>
            <translation>使用者</translation>
        </message>
        <message>
            <source>May</source>
            <translation>权限</translation>
        </message>
        <message>
            <source>Until</source>
            <translation>有效期至</translation>
        </message>
        <message>
            <source>read and push</source>
            <translation>读取和推送</translation>
        </message>
        <message>
            <source>read</source>
            <translation>读取</translation>
        </message>
        <message>
            <source>expired</source>
            <translation>已过期</translation>
        </message>
    </context>
    <context>
        <name>TrainDialog</name>
        <message>
            <source>Fine-tune</source>
            <translation>微调</translation>
        </message>
        <message>
            <source>Fine-tune {}</source>
            <translation>微调 {}</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Reading the examples</source>
            <translation>正在读取示例</translation>
        </message>
        <message>
            <source>&amp;Train</source>
            <translation>训练(&amp;T)</translation>
        </message>
    </context>
    <context>
        <name>TrainForm</name>
        <message>
            <source>File of examples</source>
            <translation>示例文件</translation>
        </message>
        <message>
            <source>&amp;Browse…</source>
            <translation>浏览(&amp;B)…</translation>
        </message>
        <message>
            <source>File to measure with</source>
            <translation>用于评估的文件</translation>
        </message>
        <message>
            <source>Bro&amp;wse…</source>
            <translation>浏览(&amp;W)…</translation>
        </message>
        <message>
            <source>More</source>
            <translation>更多</translation>
        </message>
        <message>
            <source>The learning rate is a number above 0, such as 5e-5.</source>
            <translation>学习率应为大于 0 的数，例如 5e-5。</translation>
        </message>
        <message>
            <source>{} is here: this becomes its next revision, and the old one stays.</source>
            <translation>{} 已存在：结果将成为其下一个修订版本，旧版本会保留。</translation>
        </message>
        <message>
            <source>Name of the result</source>
            <translation>结果的名称</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>a part of the examples, unless one is named</source>
            <translation>如不指定文件，则取示例的一部分</translation>
        </message>
        <message>
            <source>Tas&amp;k</source>
            <translation>任务(&amp;K)</translation>
        </message>
        <message>
            <source>E&amp;xamples</source>
            <translation>示例(&amp;X)</translation>
        </message>
        <message>
            <source>Meas&amp;ure with</source>
            <translation>评估文件(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Name</source>
            <translation>名称(&amp;N)</translation>
        </message>
    </context>
    <context>
        <name>TrainingFeed</name>
        <message>
            <source>Look at the trainings</source>
            <translation>查看训练列表</translation>
        </message>
        <message>
            <source>Train {}</source>
            <translation>训练 {}</translation>
        </message>
        <message>
            <source>Cancel a training</source>
            <translation>取消训练</translation>
        </message>
        <message>
            <source>Move a training</source>
            <translation>移动训练</translation>
        </message>
        <message>
            <source>Discard a training</source>
            <translation>丢弃训练</translation>
        </message>
        <message>
            <source>Look at a training</source>
            <translation>查看训练</translation>
        </message>
        <message>
            <source>Look at a log</source>
            <translation>查看日志</translation>
        </message>
    </context>
    <context>
        <name>TrainingPane</name>
        <message>
            <source>Progress</source>
            <translation>进度</translation>
        </message>
        <message>
            <source>What it said</source>
            <translation>日志输出</translation>
        </message>
        <message>
            <source>{} from {}</source>
            <translation>{}（基于 {}）</translation>
        </message>
        <message>
            <source>It is measured when the training is done.</source>
            <translation>训练完成后才会评估。</translation>
        </message>
        <message>
            <source>Tr&amp;y it</source>
            <translation>试用(&amp;Y)</translation>
        </message>
        <message>
            <source>C&amp;ompare with its parent</source>
            <translation>与父模型比较(&amp;O)</translation>
        </message>
        <message>
            <source>Sho&amp;w in the library</source>
            <translation>在模型库中显示(&amp;W)</translation>
        </message>
        <message>
            <source>R&amp;esume</source>
            <translation>继续(&amp;E)</translation>
        </message>
        <message>
            <source>&amp;Cancel</source>
            <translation>取消(&amp;C)</translation>
        </message>
        <message>
            <source>Move &amp;up</source>
            <translation>上移(&amp;U)</translation>
        </message>
        <message>
            <source>Move &amp;down</source>
            <translation>下移(&amp;D)</translation>
        </message>
        <message>
            <source>D&amp;iscard…</source>
            <translation>丢弃(&amp;I)…</translation>
        </message>
        <message>
            <source>Curve</source>
            <translation>曲线</translation>
        </message>
        <message>
            <source>How good</source>
            <translation>评估结果</translation>
        </message>
        <message>
            <source>Points</source>
            <translation>数据点</translation>
        </message>
        <message>
            <source>Log</source>
            <translation>日志</translation>
        </message>
        <message>
            <source>About</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>What was done is kept.</source>
            <translation>已完成的部分会保留。</translation>
        </message>
        <message>
            <source>It was cancelled. What was done is kept.</source>
            <translation>已取消。已完成的部分会保留。</translation>
        </message>
    </context>
    <context>
        <name>TrainingTable</name>
        <message>
            <source>Trainings</source>
            <translation>训练</translation>
        </message>
        <message>
            <source>Nothing was trained yet. Select a model in the library, then Model &gt; Fine-tune.</source>
            <translation>尚未训练任何模型。请先在模型库中选择模型，再选择“模型 &gt; 微调”。</translation>
        </message>
    </context>
    <context>
        <name>TransferQueue</name>
        <message>
            <source>Look at the downloads</source>
            <translation>查看下载</translation>
        </message>
        <message>
            <source>Download {}</source>
            <translation>下载 {}</translation>
        </message>
        <message>
            <source>{} stopped</source>
            <translation>{} 已停止</translation>
        </message>
        <message>
            <source>Downloaded {}</source>
            <translation>已下载 {}</translation>
        </message>
        <message>
            <source>Paused {}</source>
            <translation>已暂停 {}</translation>
        </message>
    </context>
    <context>
        <name>TransferTreeModel</name>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>进度</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>Time left</source>
            <translation>剩余时间</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
    </context>
    <context>
        <name>TransfersView</name>
        <message>
            <source>&amp;Pause</source>
            <translation>暂停(&amp;P)</translation>
        </message>
        <message>
            <source>&amp;Resume</source>
            <translation>继续(&amp;R)</translation>
        </message>
        <message>
            <source>Move &amp;up</source>
            <translation>上移(&amp;U)</translation>
        </message>
        <message>
            <source>Move &amp;down</source>
            <translation>下移(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Cancel…</source>
            <translation>取消(&amp;C)…</translation>
        </message>
        <message>
            <source>Pause &amp;all</source>
            <translation>全部暂停(&amp;A)</translation>
        </message>
        <message>
            <source>R&amp;esume all</source>
            <translation>全部继续(&amp;E)</translation>
        </message>
        <message>
            <source>Speed limit</source>
            <translation>限速</translation>
        </message>
        <message>
            <source>{}/s</source>
            <translation>{}/s</translation>
        </message>
        <message>
            <source>none</source>
            <translation>不限</translation>
        </message>
        <message>
            <source>&amp;Limit</source>
            <translation>限速(&amp;L)</translation>
        </message>
        <message>
            <source>{} to come in 1 download</source>
            <translation>1 个下载，还需 {}</translation>
        </message>
        <message>
            <source>{} to come in {} downloads</source>
            <translation>{1} 个下载，还需 {0}</translation>
        </message>
        <message numerus="yes">
            <source>%n stopped</source>
            <translation>
                <numerusform>%n 个已停止</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>TrashView</name>
        <message>
            <source>Trash</source>
            <translation>回收站</translation>
        </message>
        <message>
            <source>The trash is empty</source>
            <translation>回收站为空</translation>
        </message>
        <message>
            <source>&amp;Restore</source>
            <translation>恢复(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;Delete for good…</source>
            <translation>彻底删除(&amp;D)…</translation>
        </message>
        <message>
            <source>&amp;Empty trash…</source>
            <translation>清空回收站(&amp;E)…</translation>
        </message>
        <message>
            <source>{} selected · {} to gain</source>
            <translation>已选 {} 项 · 可释放 {}</translation>
        </message>
        <message>
            <source>1 item · {} to gain</source>
            <translation>1 项 · 可释放 {}</translation>
        </message>
        <message>
            <source>{} items · {} to gain</source>
            <translation>{} 项 · 可释放 {}</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>What</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>By</source>
            <translation>删除者</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>删除于</translation>
        </message>
        <message>
            <source>Frees</source>
            <translation>可释放</translation>
        </message>
        <message>
            <source>not known</source>
            <translation>未知</translation>
        </message>
        <message>
            <source>revision {}</source>
            <translation>修订版本 {}</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>rest of an emptying</source>
            <translation>清空时的残留</translation>
        </message>
        <message>
            <source>model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>dataset</source>
            <translation>数据集</translation>
        </message>
        <message>
            <source>space</source>
            <translation>Space</translation>
        </message>
        <message>
            <source>kernel</source>
            <translation>内核</translation>
        </message>
    </context>
    <context>
        <name>Treemap</name>
        <message>
            <source>Map of the models</source>
            <translation>模型分布图</translation>
        </message>
        <message>
            <source>Areas show the si&amp;ze on disk</source>
            <translation>面积表示磁盘占用(&amp;Z)</translation>
        </message>
        <message>
            <source>Areas show what deleting &amp;frees</source>
            <translation>面积表示删除后可释放的空间(&amp;F)</translation>
        </message>
        <message>
            <source>{}, selected</source>
            <translation>{}，已选中</translation>
        </message>
    </context>
    <context>
        <name>TrialDialog</name>
        <message>
            <source>Try loading {}?</source>
            <translation>试加载 {}？</translation>
        </message>
        <message>
            <source>It is loaded as its library does it, by its name, in a process of its own that has no network. If that works, it works offline.</source>
            <translation>由其所属的库按名称加载，在一个没有网络的独立进程中进行。如果成功，即可离线使用。</translation>
        </message>
        <message>
            <source>It may take {} of memory or more until it ends, and some minutes if it is large.</source>
            <translation>在结束前可能占用 {} 或更多内存；模型较大时可能需要几分钟。</translation>
        </message>
        <message>
            <source>&amp;Run the model’s own code</source>
            <translation>运行模型自带的代码(&amp;R)</translation>
        </message>
        <message>
            <source>Nothing in the cache changes. It can be cancelled at any time.</source>
            <translation>不会改动缓存中的任何内容。可随时取消。</translation>
        </message>
        <message>
            <source>&amp;Try loading</source>
            <translation>试加载(&amp;T)</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>It comes with Python code of its own, and may not load without it. That code can read what you can read.</source>
            <translation>它自带 Python 代码，没有这些代码可能无法加载。该代码可以读取您能读取的内容。</translation>
        </message>
    </context>
    <context>
        <name>TrialResultDialog</name>
        <message>
            <source>C&amp;opy</source>
            <translation>复制(&amp;O)</translation>
        </message>
        <message>
            <source>&amp;Close</source>
            <translation>关闭(&amp;C)</translation>
        </message>
        <message>
            <source>Loaded</source>
            <translation>已加载</translation>
        </message>
        <message>
            <source>Took</source>
            <translation>耗用</translation>
        </message>
        <message>
            <source>It ran code of its own, as you allowed.</source>
            <translation>经您允许，它运行了自带的代码。</translation>
        </message>
        <message>
            <source>It wanted to reach {}, and could not.</source>
            <translation>它试图访问 {}，未能访问。</translation>
        </message>
        <message>
            <source>It wanted to reach {} addresses, and could not.</source>
            <translation>它试图访问 {} 个地址，未能访问。</translation>
        </message>
        <message>
            <source>Addresses</source>
            <translation>地址</translation>
        </message>
        <message>
            <source>What the process wrote last</source>
            <translation>进程最后的输出</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
    </context>
    <context>
        <name>Trouble</name>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>&amp;Preferences…</source>
            <translation>首选项(&amp;P)…</translation>
        </message>
        <message>
            <source>&amp;Load it all the same</source>
            <translation>仍然加载(&amp;L)</translation>
        </message>
        <message>
            <source>Copy what went wrong</source>
            <translation>复制错误信息</translation>
        </message>
    </context>
    <context>
        <name>TrustChoice</name>
        <message>
            <source>Trusted keys</source>
            <translation>信任的密钥</translation>
        </message>
        <message>
            <source>Choose &amp;keys…</source>
            <translation>选择密钥(&amp;K)…</translation>
        </message>
        <message>
            <source>Trust none of them</source>
            <translation>全部不信任</translation>
        </message>
        <message>
            <source>Key &amp;files…</source>
            <translation>密钥文件(&amp;F)…</translation>
        </message>
        <message>
            <source>A f&amp;older with keys…</source>
            <translation>含密钥的文件夹(&amp;O)…</translation>
        </message>
        <message>
            <source>Si&amp;gned by</source>
            <translation>签名者(&amp;G)</translation>
        </message>
        <message>
            <source>There is no file {}.</source>
            <translation>没有文件 {}。</translation>
        </message>
        <message>
            <source>Public keys</source>
            <translation>公钥</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>所有文件</translation>
        </message>
        <message>
            <source>A folder with public keys</source>
            <translation>含公钥的文件夹</translation>
        </message>
        <message>
            <source>anybody, or nobody: choose keys to take only what they signed</source>
            <translation>任何人，或未签名：选择密钥后仅接受由其签名的内容</translation>
        </message>
    </context>
    <context>
        <name>TryWindow</name>
        <message>
            <source>Try {}</source>
            <translation>试用 {}</translation>
        </message>
        <message>
            <source> compared with </source>
            <translation> 对比 </translation>
        </message>
        <message>
            <source>Saved as {}</source>
            <translation>已保存为 {}</translation>
        </message>
    </context>
    <context>
        <name>UpdatesDialog</name>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Files that differ</source>
            <translation>不同的文件</translation>
        </message>
        <message>
            <source>&amp;Close</source>
            <translation>关闭(&amp;C)</translation>
        </message>
        <message>
            <source>1 model has something newer</source>
            <translation>1 个模型有更新</translation>
        </message>
        <message>
            <source>{} models have something newer</source>
            <translation>{} 个模型有更新</translation>
        </message>
        <message>
            <source>No hub could say whether there is something newer</source>
            <translation>没有 Hub 能够答复是否有更新</translation>
        </message>
        <message>
            <source>Nothing newer was found</source>
            <translation>没有发现更新</translation>
        </message>
        <message>
            <source>Asking changed nothing. What is fetched becomes a revision more; the old one stays.</source>
            <translation>检查不会改动任何内容。下载的内容会成为新的修订版本，旧的会保留。</translation>
        </message>
        <message>
            <source>&amp;Download {}</source>
            <translation>下载 {}(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Download</source>
            <translation>下载(&amp;D)</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>What</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>Ref</source>
            <translation>引用</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Fetches</source>
            <translation>需下载</translation>
        </message>
        <message>
            <source>up to date</source>
            <translation>已是最新</translation>
        </message>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>{} differ, {} to {}</source>
            <translation>{}不同，{} → {}</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Now</source>
            <translation>现有</translation>
        </message>
        <message>
            <source>Newer</source>
            <translation>更新后</translation>
        </message>
        <message>
            <source>added</source>
            <translation>新增</translation>
        </message>
        <message>
            <source>removed</source>
            <translation>删除</translation>
        </message>
        <message>
            <source>changed</source>
            <translation>有改动</translation>
        </message>
    </context>
    <context>
        <name>UseIt</name>
        <message>
            <source>Address</source>
            <translation>地址</translation>
        </message>
        <message>
            <source>Copy the address</source>
            <translation>复制地址</translation>
        </message>
        <message>
            <source>Copy the lines</source>
            <translation>复制这些行</translation>
        </message>
        <message>
            <source>Shell</source>
            <translation>Shell</translation>
        </message>
        <message>
            <source>Which address of this machine</source>
            <translation>使用本机的哪个地址</translation>
        </message>
        <message>
            <source>What other machines set</source>
            <translation>其他机器的设置</translation>
        </message>
        <message>
            <source>Others set this before Python starts</source>
            <translation>其他机器在启动 Python 前设置</translation>
        </message>
        <message>
            <source>Then transformers, hf and others fetch from here.</source>
            <translation>之后 transformers、hf 等会从这里获取。</translation>
        </message>
    </context>
    <context>
        <name>VerifyDialog</name>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Files that are not what they should be</source>
            <translation>有问题的文件</translation>
        </message>
        <message>
            <source>Verifying changed nothing. Mending replaces these files and nothing else.</source>
            <translation>校验未改动任何内容。修补只会替换这些文件。</translation>
        </message>
        <message>
            <source>&amp;Mend…</source>
            <translation>修补(&amp;M)…</translation>
        </message>
        <message>
            <source>C&amp;opy</source>
            <translation>复制(&amp;O)</translation>
        </message>
        <message>
            <source>&amp;Close</source>
            <translation>关闭(&amp;C)</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Revision</source>
            <translation>修订版本</translation>
        </message>
        <message>
            <source>What</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>What is wrong</source>
            <translation>问题</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
    </context>
    <context>
        <name>WorkerLine</name>
        <message>
            <source>Unload</source>
            <translation>卸载</translation>
        </message>
        <message>
            <source>Not loaded</source>
            <translation>未加载</translation>
        </message>
        <message>
            <source>Look at what is loaded</source>
            <translation>查看已加载的模型</translation>
        </message>
        <message>
            <source>Not loaded. {} are free again.</source>
            <translation>未加载。已释放 {}。</translation>
        </message>
    </context>
    <context>
        <name>_AwayPage</name>
        <message>
            <source>&amp;Open folder</source>
            <translation>打开文件夹(&amp;O)</translation>
        </message>
        <message>
            <source>Take this file to the connected side</source>
            <translation>请将此文件带到联网的一方</translation>
        </message>
        <message>
            <source>Copy it to a stick or a disc. It is text, so whoever has to let it pass can read it.</source>
            <translation>请将其复制到 U 盘或光盘。它是文本文件，负责放行的人可以阅读其内容。</translation>
        </message>
        <message>
            <source>There, choose File &gt; Carry to an isolated site, and drop the file on its first page.</source>
            <translation>在对方选择“文件 &gt; 携带到隔离站点”，并将此文件拖放到第一页。</translation>
        </message>
        <message>
            <source>Come back with the bundle. You can close this until then; it begins with “I have a bundle”.</source>
            <translation>请带回合集。在此之前可以关闭此窗口；之后从“我有合集”继续。</translation>
        </message>
        <message>
            <source>{} contents</source>
            <translation>{} 项内容</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Tells of</source>
            <translation>涵盖</translation>
        </message>
        <message>
            <source>Id</source>
            <translation>ID</translation>
        </message>
    </context>
    <context>
        <name>_BackPage</name>
        <message>
            <source>Choose a f&amp;older…</source>
            <translation>选择文件夹(&amp;O)…</translation>
        </message>
        <message>
            <source>Choose &amp;archives…</source>
            <translation>选择归档(&amp;A)…</translation>
        </message>
        <message>
            <source>With the public key of the other side, only what it signed is imported. Before anything is written, you see what comes, who signed it, and what is joined with what is here.</source>
            <translation>选择对方的公钥后，仅导入由其签名的内容。写入任何内容之前，您会看到将导入什么、由谁签名，以及哪些部分会与已有内容合并。</translation>
        </message>
        <message>
            <source>Drop the bundle here</source>
            <translation>将合集拖放到此处</translation>
        </message>
        <message>
            <source>The folder that came back, or its archives.</source>
            <translation>带回的文件夹，或其中的归档。</translation>
        </message>
        <message>
            <source>{} archives</source>
            <translation>{} 个归档</translation>
        </message>
        <message>
            <source>Bundle to import</source>
            <translation>要导入的合集</translation>
        </message>
        <message>
            <source>Archives to import</source>
            <translation>要导入的归档</translation>
        </message>
        <message>
            <source>Archives</source>
            <translation>归档</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>所有文件</translation>
        </message>
    </context>
    <context>
        <name>_Choice</name>
        <message>
            <source>&amp;Skip: keep what is in the cache</source>
            <translation>跳过：保留缓存中的内容(&amp;S)</translation>
        </message>
        <message>
            <source>&amp;Replace: let the archive's files take its place</source>
            <translation>替换：改用归档中的文件(&amp;R)</translation>
        </message>
    </context>
    <context>
        <name>_Code</name>
        <message>
            <source>Code that loads the model</source>
            <translation>加载模型的代码</translation>
        </message>
        <message>
            <source>Use it</source>
            <translation>使用方法</translation>
        </message>
        <message>
            <source>Copy the code</source>
            <translation>复制代码</translation>
        </message>
    </context>
    <context>
        <name>_FileRows</name>
        <message>
            <source>Files to push</source>
            <translation>要推送的文件</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>What happens</source>
            <translation>处理方式</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>To send</source>
            <translation>需发送</translation>
        </message>
    </context>
    <context>
        <name>_NameField</name>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Name of the model</source>
            <translation>模型名称</translation>
        </message>
        <message>
            <source>It does not say what it is called. Programs will load it by this name.</source>
            <translation>其中没有写明名称。程序将以此名称加载它。</translation>
        </message>
    </context>
    <context>
        <name>_Points</name>
        <message>
            <source>Step</source>
            <translation>步数</translation>
        </message>
        <message>
            <source>Epoch</source>
            <translation>轮次</translation>
        </message>
        <message>
            <source>Loss</source>
            <translation>损失</translation>
        </message>
        <message>
            <source>How good</source>
            <translation>评估结果</translation>
        </message>
        <message>
            <source>Learning rate</source>
            <translation>学习率</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>用时</translation>
        </message>
    </context>
    <context>
        <name>_Rows</name>
        <message>
            <source>Models to carry</source>
            <translation>要携带的模型</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>The other side has</source>
            <translation>对方已有</translation>
        </message>
        <message>
            <source>Packed</source>
            <translation>打包内容</translation>
        </message>
        <message>
            <source>Models to import</source>
            <translation>要导入的模型</translation>
        </message>
        <message>
            <source>Commit</source>
            <translation>提交</translation>
        </message>
        <message>
            <source>What happens</source>
            <translation>处理方式</translation>
        </message>
        <message>
            <source>To write</source>
            <translation>需写入</translation>
        </message>
        <message>
            <source>Training</source>
            <translation>训练</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
        <message>
            <source>Steps</source>
            <translation>步数</translation>
        </message>
        <message>
            <source>Loss</source>
            <translation>损失</translation>
        </message>
        <message>
            <source>Asked at</source>
            <translation>提交时间</translation>
        </message>
        <message>
            <source>{} of {}</source>
            <translation>{} / {}</translation>
        </message>
    </context>
    <context>
        <name>_SecretRows</name>
        <message>
            <source>Push it all the same</source>
            <translation>仍然推送</translation>
        </message>
        <message>
            <source>What it looks like</source>
            <translation>看起来像</translation>
        </message>
        <message>
            <source>What looks like a secret</source>
            <translation>看起来像机密信息的内容</translation>
        </message>
    </context>
    <context>
        <name>_Table</name>
        <message>
            <source>What was done</source>
            <translation>活动记录</translation>
        </message>
    </context>
    <context>
        <name>_Tree</name>
        <message>
            <source>What was found</source>
            <translation>发现的问题</translation>
        </message>
        <message>
            <source>Downloads</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>Nothing is being downloaded. Ctrl+D finds a model on a hub.</source>
            <translation>没有正在进行的下载。按 Ctrl+D 可在 Hub 上查找模型。</translation>
        </message>
    </context>
    <context>
        <name>activity</name>
        <message>
            <source>Download</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>Import</source>
            <translation>导入</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>导出</translation>
        </message>
        <message>
            <source>Push</source>
            <translation>推送</translation>
        </message>
        <message>
            <source>Push from another</source>
            <translation>接收推送</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Move</source>
            <translation>移动</translation>
        </message>
        <message>
            <source>Sync</source>
            <translation>同步</translation>
        </message>
        <message>
            <source>Collect garbage</source>
            <translation>回收垃圾</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>删除</translation>
        </message>
        <message>
            <source>Evict</source>
            <translation>清理</translation>
        </message>
        <message>
            <source>Restore</source>
            <translation>恢复</translation>
        </message>
        <message>
            <source>Empty trash</source>
            <translation>清空回收站</translation>
        </message>
        <message>
            <source>Clear leftovers</source>
            <translation>清除残留</translation>
        </message>
        <message>
            <source>Move branch</source>
            <translation>移动分支</translation>
        </message>
        <message>
            <source>Verify</source>
            <translation>校验</translation>
        </message>
        <message>
            <source>Scan</source>
            <translation>扫描</translation>
        </message>
        <message>
            <source>Mend</source>
            <translation>修补</translation>
        </message>
        <message>
            <source>Repair</source>
            <translation>修复</translation>
        </message>
        <message>
            <source>Convert</source>
            <translation>转换</translation>
        </message>
        <message>
            <source>Try loading</source>
            <translation>试加载</translation>
        </message>
        <message>
            <source>Try</source>
            <translation>试用</translation>
        </message>
        <message>
            <source>Train</source>
            <translation>训练</translation>
        </message>
        <message>
            <source>Allow</source>
            <translation>允许</translation>
        </message>
        <message>
            <source>done</source>
            <translation>已完成</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>good</source>
            <translation>完好</translation>
        </message>
        <message>
            <source>nothing wrong, not all proven</source>
            <translation>未发现问题，未全部证实</translation>
        </message>
        <message>
            <source>files are missing</source>
            <translation>缺少文件</translation>
        </message>
        <message>
            <source>damaged</source>
            <translation>已损坏</translation>
        </message>
    </context>
    <context>
        <name>ages</name>
        <message>
            <source>{} min</source>
            <translation>{} 分钟</translation>
        </message>
        <message>
            <source>{} h</source>
            <translation>{} 小时</translation>
        </message>
        <message>
            <source>{} d</source>
            <translation>{} 天</translation>
        </message>
        <message>
            <source>{} mo</source>
            <translation>{} 个月</translation>
        </message>
        <message>
            <source>{} y</source>
            <translation>{} 年</translation>
        </message>
        <message>
            <source>now</source>
            <translation>刚刚</translation>
        </message>
    </context>
    <context>
        <name>app</name>
        <message>
            <source>Look at Modelkeep's own files</source>
            <translation>检查 Modelkeep 自己的文件</translation>
        </message>
    </context>
    <context>
        <name>doctor</name>
        <message>
            <source>Deletions that were interrupted</source>
            <translation>被中断的删除</translation>
        </message>
        <message>
            <source>What interrupted emptyings left</source>
            <translation>清空中断后的残留</translation>
        </message>
        <message>
            <source>Models without any snapshot</source>
            <translation>没有任何快照的模型</translation>
        </message>
        <message>
            <source>Refs that cannot be read</source>
            <translation>无法读取的引用</translation>
        </message>
        <message>
            <source>Refs that lead nowhere</source>
            <translation>没有指向的引用</translation>
        </message>
        <message>
            <source>File lists that are broken</source>
            <translation>损坏的文件清单</translation>
        </message>
        <message>
            <source>Links that lead nowhere</source>
            <translation>失效的链接</translation>
        </message>
        <message>
            <source>Files of a wrong size</source>
            <translation>大小不符的文件</translation>
        </message>
        <message>
            <source>Snapshots that lack files</source>
            <translation>缺少文件的快照</translation>
        </message>
        <message>
            <source>What cannot be read</source>
            <translation>无法读取的内容</translation>
        </message>
        <message>
            <source>What keeps others from sharing the cache</source>
            <translation>妨碍他人共用缓存的权限</translation>
        </message>
        <message>
            <source>Contents that nothing leads to</source>
            <translation>无人引用的内容</translation>
        </message>
        <message>
            <source>Downloads that died</source>
            <translation>中途失败的下载</translation>
        </message>
        <message>
            <source>What deleted revisions left</source>
            <translation>已删除修订版本的残留</translation>
        </message>
        <message>
            <source>Shared contents that nobody uses</source>
            <translation>无人使用的共享内容</translation>
        </message>
        <message>
            <source>Lists of who uses shared contents that are wrong</source>
            <translation>有误的共享内容使用者清单</translation>
        </message>
        <message>
            <source>Copies that could be links</source>
            <translation>可改为链接的副本</translation>
        </message>
        <message>
            <source>What an interrupted change left</source>
            <translation>更改中断后的残留</translation>
        </message>
        <message>
            <source>What interrupted works have staged</source>
            <translation>操作中断后暂存的内容</translation>
        </message>
        <message>
            <source>Locks of models that are gone</source>
            <translation>已不存在的模型的锁</translation>
        </message>
        <message>
            <source>Locks that nobody holds</source>
            <translation>无人持有的锁</translation>
        </message>
        <message>
            <source>What does not belong in a cache</source>
            <translation>不属于缓存的内容</translation>
        </message>
        <message>
            <source>What a broken catalog still says</source>
            <translation>损坏的目录库中残存的记录</translation>
        </message>
        <message>
            <source>Files of Modelkeep's own that cannot be understood</source>
            <translation>无法识别的 Modelkeep 自有文件</translation>
        </message>
        <message>
            <source>Lines of the log that are not whole</source>
            <translation>日志中不完整的行</translation>
        </message>
        <message>
            <source>Broken files of Modelkeep's own</source>
            <translation>损坏的 Modelkeep 自有文件</translation>
        </message>
        <message>
            <source>damage</source>
            <translation>损坏</translation>
        </message>
        <message>
            <source>waste</source>
            <translation>浪费</translation>
        </message>
        <message>
            <source>note</source>
            <translation>提示</translation>
        </message>
        <message>
            <source>if you choose it</source>
            <translation>可选修复</translation>
        </message>
        <message>
            <source>can be repaired</source>
            <translation>可修复</translation>
        </message>
        <message>
            <source>not now</source>
            <translation>暂不可修复</translation>
        </message>
        <message>
            <source>only by you</source>
            <translation>需手动处理</translation>
        </message>
        <message>
            <source>1 problem</source>
            <translation>1 个问题</translation>
        </message>
        <message>
            <source>{} problems</source>
            <translation>{} 个问题</translation>
        </message>
        <message>
            <source>Repair</source>
            <translation>修复</translation>
        </message>
        <message>
            <source>Repair {}</source>
            <translation>修复 {}</translation>
        </message>
        <message>
            <source>Repair {}, free {}</source>
            <translation>修复 {}，释放 {}</translation>
        </message>
    </context>
    <context>
        <name>download</name>
        <message>
            <source>Most downloads</source>
            <translation>下载最多</translation>
        </message>
        <message>
            <source>Most downloaded</source>
            <translation>下载最多的模型</translation>
        </message>
        <message>
            <source>Most likes</source>
            <translation>点赞最多</translation>
        </message>
        <message>
            <source>Most liked</source>
            <translation>点赞最多的模型</translation>
        </message>
        <message>
            <source>Last updated</source>
            <translation>最近更新</translation>
        </message>
        <message>
            <source>just now</source>
            <translation>刚刚</translation>
        </message>
        <message>
            <source>{} ago</source>
            <translation>{}前</translation>
        </message>
        <message>
            <source>Author</source>
            <translation>作者</translation>
        </message>
        <message>
            <source>Licence</source>
            <translation>许可证</translation>
        </message>
        <message>
            <source>not said</source>
            <translation>未注明</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Library</source>
            <translation>库</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数量</translation>
        </message>
        <message>
            <source>Updated</source>
            <translation>更新</translation>
        </message>
        <message>
            <source>Gated: ask for access on its page; its owner answers by hand. Then your token lets you in.</source>
            <translation>受限：请在其页面申请访问，由所有者人工答复。通过后即可用您的令牌访问。</translation>
        </message>
        <message>
            <source>Gated: accept its terms on its page once. Then your token lets you in.</source>
            <translation>受限：请先在其页面接受条款，之后即可用您的令牌访问。</translation>
        </message>
        <message>
            <source>Private: only who was given access sees it.</source>
            <translation>私有：仅获准访问的人可见。</translation>
        </message>
        <message>
            <source>No token is known here for this hub: set one in the preferences.</source>
            <translation>此 Hub 尚无令牌：请在首选项中设置。</translation>
        </message>
        <message>
            <source>pickle</source>
            <translation>pickle</translation>
        </message>
        <message>
            <source>Weights: {}</source>
            <translation>权重：{}</translation>
        </message>
        <message>
            <source>Tokenizer</source>
            <translation>分词器</translation>
        </message>
        <message>
            <source>Configuration</source>
            <translation>配置</translation>
        </message>
        <message>
            <source>Card and licence</source>
            <translation>模型卡和许可证</translation>
        </message>
        <message>
            <source>Code</source>
            <translation>代码</translation>
        </message>
        <message>
            <source>Other files</source>
            <translation>其他文件</translation>
        </message>
        <message>
            <source>here</source>
            <translation>已有</translation>
        </message>
        <message>
            <source>reused</source>
            <translation>复用</translation>
        </message>
        <message>
            <source>partly here</source>
            <translation>部分已有</translation>
        </message>
        <message>
            <source>to fetch</source>
            <translation>需下载</translation>
        </message>
        <message>
            <source>pickle: can run code when it is loaded</source>
            <translation>pickle：加载时可能运行代码</translation>
        </message>
        <message>
            <source>code</source>
            <translation>代码</translation>
        </message>
        <message>
            <source>a program</source>
            <translation>程序</translation>
        </message>
        <message>
            <source>By default: {}</source>
            <translation>默认：{}</translation>
        </message>
        <message>
            <source>{} came before and are not fetched again</source>
            <translation>此前已下载 {}，不会重新下载</translation>
        </message>
        <message>
            <source>The same content is here: {}</source>
            <translation>此处已有相同内容：{}</translation>
        </message>
        <message>
            <source>{} of {} files</source>
            <translation>{} / {} 个文件</translation>
        </message>
        <message>
            <source>{} here</source>
            <translation>已有 {}</translation>
        </message>
        <message>
            <source>{} reused</source>
            <translation>复用 {}</translation>
        </message>
        <message>
            <source>{} to fetch</source>
            <translation>需下载 {}</translation>
        </message>
        <message>
            <source>Choose at least one file.</source>
            <translation>请至少选择一个文件。</translation>
        </message>
        <message>
            <source>All of it is here already.</source>
            <translation>已全部存在。</translation>
        </message>
        <message>
            <source>It is being downloaded: {} came.</source>
            <translation>正在下载：已完成 {}。</translation>
        </message>
        <message>
            <source>It waits in the list of downloads.</source>
            <translation>已在下载列表中等待。</translation>
        </message>
        <message>
            <source>It does not fit the disk.</source>
            <translation>磁盘容纳不下。</translation>
        </message>
        <message>
            <source>It waits in the list of downloads, with other files: these will be fetched instead.</source>
            <translation>已在下载列表中等待，但所选文件不同：将改为下载现在所选的。</translation>
        </message>
        <message>
            <source>It is in the list of downloads, stopped at {}: it goes on there.</source>
            <translation>已在下载列表中，停在 {}：将从该处继续。</translation>
        </message>
        <message>
            <source>Can run code when it is loaded: {}</source>
            <translation>加载时可能运行代码：{}</translation>
        </message>
        <message>
            <source>Can run code when they are loaded: {} and {} more</source>
            <translation>加载时可能运行代码：{} 等，另有 {} 个</translation>
        </message>
        <message>
            <source>&amp;Download</source>
            <translation>下载(&amp;D)</translation>
        </message>
        <message>
            <source>&amp;Use what is here</source>
            <translation>使用已有内容(&amp;U)</translation>
        </message>
        <message>
            <source>&amp;Download {}</source>
            <translation>下载 {}(&amp;D)</translation>
        </message>
        <message>
            <source>Takes about {} of memory: fits {}, {} free</source>
            <translation>约占 {} 内存：{} 可容纳，可用 {}</translation>
        </message>
        <message>
            <source>Takes about {} of memory: fits, {} free</source>
            <translation>约占 {} 内存：可容纳，可用 {}</translation>
        </message>
        <message>
            <source>Takes about {} of memory: only {} of {} are free now</source>
            <translation>约占 {} 内存：目前仅可用 {}，共 {}</translation>
        </message>
        <message>
            <source>Takes about {} of memory: this machine has {}</source>
            <translation>约占 {} 内存：本机共 {}</translation>
        </message>
        <message>
            <source>Memory: {} free of {}</source>
            <translation>内存：可用 {}，共 {}</translation>
        </message>
        <message>
            <source>{}: {} free</source>
            <translation>{}：可用 {}</translation>
        </message>
        <message>
            <source>No GPU was found</source>
            <translation>未找到 GPU</translation>
        </message>
    </context>
    <context>
        <name>map</name>
        <message>
            <source>frees {}</source>
            <translation>可释放 {}</translation>
        </message>
        <message>
            <source>{} small models</source>
            <translation>{} 个小模型</translation>
        </message>
        <message>
            <source>1 model takes too little to be drawn.</source>
            <translation>有 1 个模型占用太小，未绘出。</translation>
        </message>
        <message>
            <source>{} models take too little to be drawn.</source>
            <translation>有 {} 个模型占用太小，未绘出。</translation>
        </message>
        <message>
            <source>1 model would free too little to be drawn.</source>
            <translation>有 1 个模型可释放的空间太小，未绘出。</translation>
        </message>
        <message>
            <source>{} models would free too little to be drawn.</source>
            <translation>有 {} 个模型可释放的空间太小，未绘出。</translation>
        </message>
    </context>
    <context>
        <name>mend</name>
        <message>
            <source>1 file</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>Mend {}?</source>
            <translation>修补 {}？</translation>
        </message>
        <message>
            <source>Mend {} models?</source>
            <translation>修补 {} 个模型？</translation>
        </message>
        <message>
            <source>&amp;Mend</source>
            <translation>修补(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Mend {}, fetch {}</source>
            <translation>修补 {}，下载 {}(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Mend {}, copy {}</source>
            <translation>修补 {}，复制 {}(&amp;M)</translation>
        </message>
        <message>
            <source>no good copy known</source>
            <translation>没有已知的完好副本</translation>
        </message>
        <message>
            <source>{} of {} could not be mended.</source>
            <translation>有 {} 个未能修补，共 {}。</translation>
        </message>
        <message>
            <source>Mended {}.</source>
            <translation>已修补 {}。</translation>
        </message>
        <message>
            <source>Mended {}. The bad content is in the trash.</source>
            <translation>已修补 {}。有问题的内容已移到回收站。</translation>
        </message>
        <message>
            <source>Mended {}. The bad contents are in the trash.</source>
            <translation>已修补 {}。有问题的内容已移到回收站。</translation>
        </message>
        <message>
            <source>cache {}</source>
            <translation>缓存 {}</translation>
        </message>
        <message>
            <source>archive {}</source>
            <translation>归档 {}</translation>
        </message>
        <message>
            <source>hub {}</source>
            <translation>Hub {}</translation>
        </message>
        <message>
            <source>remote {}</source>
            <translation>远程仓库 {}</translation>
        </message>
    </context>
    <context>
        <name>menus</name>
        <message>
            <source>&amp;File</source>
            <translation>文件(&amp;F)</translation>
        </message>
        <message>
            <source>&amp;Model</source>
            <translation>模型(&amp;M)</translation>
        </message>
        <message>
            <source>&amp;Trust</source>
            <translation>信任(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Remote</source>
            <translation>远程仓库(&amp;R)</translation>
        </message>
        <message>
            <source>&amp;View</source>
            <translation>视图(&amp;V)</translation>
        </message>
        <message>
            <source>&amp;Columns</source>
            <translation>列(&amp;C)</translation>
        </message>
        <message>
            <source>&amp;Help</source>
            <translation>帮助(&amp;H)</translation>
        </message>
        <message>
            <source>Commands</source>
            <translation>命令</translation>
        </message>
    </context>
    <context>
        <name>operations</name>
        <message>
            <source>Look at what was done</source>
            <translation>查看活动记录</translation>
        </message>
        <message>
            <source>Export what was done</source>
            <translation>导出活动记录</translation>
        </message>
        <message>
            <source>JSON lines (*.jsonl)</source>
            <translation>JSON Lines (*.jsonl)</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
        <message>
            <source>The log was written to {}.</source>
            <translation>活动记录已写入 {}。</translation>
        </message>
        <message>
            <source>{} is in no cache now.</source>
            <translation>{} 现已不在任何缓存中。</translation>
        </message>
        <message>
            <source>Plan a bundle</source>
            <translation>计算将打包的合集</translation>
        </message>
        <message>
            <source>Pack {}</source>
            <translation>打包 {}</translation>
        </message>
        <message>
            <source>{} of {} packed</source>
            <translation>已打包 {} 个，共 {} 个</translation>
        </message>
        <message>
            <source>Packed {}</source>
            <translation>已打包 {}</translation>
        </message>
        <message>
            <source>Packed {} to {}.</source>
            <translation>已将 {} 打包到 {}。</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>显示</translation>
        </message>
        <message>
            <source>Look at what is here</source>
            <translation>查看已有内容</translation>
        </message>
        <message>
            <source>Look at {}</source>
            <translation>查看 {}</translation>
        </message>
        <message>
            <source>Convert {}</source>
            <translation>转换 {}</translation>
        </message>
        <message>
            <source>Converted {}: {} tensors compared</source>
            <translation>已转换 {}：比较了 {} 个张量</translation>
        </message>
        <message>
            <source>{} was converted before</source>
            <translation>{} 此前已转换</translation>
        </message>
        <message>
            <source>convert</source>
            <translation>转换</translation>
        </message>
        <message>
            <source>Plan a deletion</source>
            <translation>计算将删除的内容</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>Delete {}</source>
            <translation>删除 {}</translation>
        </message>
        <message>
            <source>Not all was deleted: {}</source>
            <translation>未能全部删除：{}</translation>
        </message>
        <message>
            <source>Moved {} to the trash.</source>
            <translation>已将 {} 移到回收站。</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>撤销</translation>
        </message>
        <message>
            <source>Deleted {} for good: {} freed.</source>
            <translation>已彻底删除 {}：释放 {}。</translation>
        </message>
        <message>
            <source>Examine the caches</source>
            <translation>检查缓存</translation>
        </message>
        <message>
            <source>Plan a repair</source>
            <translation>计算将修复的内容</translation>
        </message>
        <message>
            <source>Repair {}</source>
            <translation>修复 {}</translation>
        </message>
        <message>
            <source>Repaired {}</source>
            <translation>已修复 {}</translation>
        </message>
        <message>
            <source>Repaired {} of {}</source>
            <translation>已修复 {} 个，共 {}</translation>
        </message>
        <message>
            <source>Repaired {}; what was removed is in the trash.</source>
            <translation>已修复 {}；移除的内容在回收站中。</translation>
        </message>
        <message>
            <source>Repaired {}.</source>
            <translation>已修复 {}。</translation>
        </message>
        <message>
            <source>{} is in the list of downloads.</source>
            <translation>{} 已加入下载列表。</translation>
        </message>
        <message>
            <source>Ask a hub</source>
            <translation>查询 Hub</translation>
        </message>
        <message>
            <source>Plan an export</source>
            <translation>计算将导出的内容</translation>
        </message>
        <message>
            <source>Export {}</source>
            <translation>导出 {}</translation>
        </message>
        <message>
            <source>Exported {}</source>
            <translation>已导出 {}</translation>
        </message>
        <message>
            <source>Exported {} to {}.</source>
            <translation>已将 {} 导出到 {}。</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>{} was not exported</source>
            <translation>{} 未导出</translation>
        </message>
        <message>
            <source>{} of {} exported</source>
            <translation>已导出 {} 个，共 {} 个</translation>
        </message>
        <message>
            <source>{} models are in the list of downloads.</source>
            <translation>{} 个模型已加入下载列表。</translation>
        </message>
        <message>
            <source>Follow no more</source>
            <translation>不再关注</translation>
        </message>
        <message>
            <source>Follow {}</source>
            <translation>关注 {}</translation>
        </message>
        <message>
            <source>Nothing of {} is followed any more.</source>
            <translation>已不再关注 {} 的任何内容。</translation>
        </message>
        <message>
            <source>Looking for what is new on {}…</source>
            <translation>正在查找 {} 上的新内容…</translation>
        </message>
        <message>
            <source>Not all of {} could be brought: {}</source>
            <translation>未能取回 {} 的全部内容：{}</translation>
        </message>
        <message>
            <source>1 model</source>
            <translation>1 个模型</translation>
        </message>
        <message>
            <source>Brought {} from {}, {}.</source>
            <translation>已从 {1} 取回 {0}，共 {2}。</translation>
        </message>
        <message>
            <source>What is followed of {} could not be looked for: {}</source>
            <translation>无法查询 {} 中所关注的内容：{}</translation>
        </message>
        <message>
            <source>Stop and close?</source>
            <translation>停止并关闭？</translation>
        </message>
        <message>
            <source>Stop and close</source>
            <translation>停止并关闭</translation>
        </message>
        <message>
            <source>A job is still running.</source>
            <translation>有 1 个后台任务仍在运行。</translation>
        </message>
        <message>
            <source>{} jobs are still running.</source>
            <translation>有 {} 个后台任务仍在运行。</translation>
        </message>
        <message>
            <source>Downloads and imports go on at the next start, and a training from its last checkpoint when you say so. A verification, or what was sent to a remote, goes on from where it was when it is begun again; an export has to be begun anew.</source>
            <translation>下载和导入将在下次启动时继续；训练在您确认后从上一个检查点继续。校验和向远程仓库的发送，重新开始时会从中断处继续；导出则须从头开始。</translation>
        </message>
        <message>
            <source>Look for interrupted imports</source>
            <translation>查找被中断的导入</translation>
        </message>
        <message>
            <source>Import {}</source>
            <translation>导入 {}</translation>
        </message>
        <message>
            <source>{} was not imported</source>
            <translation>{} 未导入</translation>
        </message>
        <message>
            <source>{} of {} imported</source>
            <translation>已导入 {} 个，共 {} 个</translation>
        </message>
        <message>
            <source>Imported {}</source>
            <translation>已导入 {}</translation>
        </message>
        <message>
            <source>Imported {}.</source>
            <translation>已导入 {}。</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>详细信息</translation>
        </message>
        <message>
            <source>{} was not imported: it is dangerous</source>
            <translation>{} 未导入：有危险</translation>
        </message>
        <message>
            <source>{} models were not imported: they are dangerous</source>
            <translation>{} 个模型未导入：有危险</translation>
        </message>
        <message>
            <source>Import models</source>
            <translation>导入模型</translation>
        </message>
        <message>
            <source>Import it all the &amp;same…</source>
            <translation>仍然导入(&amp;S)…</translation>
        </message>
        <message>
            <source>Nothing of it is in the cache. Import it all the same only if you trust who made it.</source>
            <translation>缓存中没有其任何内容。仅在信任其制作者时才继续导入。</translation>
        </message>
        <message>
            <source>import</source>
            <translation>导入</translation>
        </message>
        <message>
            <source>Look at an archive</source>
            <translation>读取归档</translation>
        </message>
        <message>
            <source>Resume…</source>
            <translation>继续…</translation>
        </message>
        <message>
            <source>Show…</source>
            <translation>查看…</translation>
        </message>
        <message>
            <source>Clear interrupted imports</source>
            <translation>清除被中断的导入</translation>
        </message>
        <message>
            <source>{} freed.</source>
            <translation>已释放 {}。</translation>
        </message>
        <message>
            <source>Look at what is damaged</source>
            <translation>查看损坏的内容</translation>
        </message>
        <message>
            <source>Nothing is left to mend.</source>
            <translation>没有需要修补的内容。</translation>
        </message>
        <message>
            <source>Look for good copies</source>
            <translation>查找完好副本</translation>
        </message>
        <message>
            <source>Look for hubs</source>
            <translation>查找 Hub</translation>
        </message>
        <message>
            <source>Mend {}</source>
            <translation>修补 {}</translation>
        </message>
        <message>
            <source>Verify what was mended</source>
            <translation>校验修补后的内容</translation>
        </message>
        <message>
            <source>Pin models</source>
            <translation>固定模型</translation>
        </message>
        <message>
            <source>Unpin models</source>
            <translation>取消固定模型</translation>
        </message>
        <message>
            <source>Write a note</source>
            <translation>写入备注</translation>
        </message>
        <message>
            <source>Look whether Modelkeep works offline</source>
            <translation>查看 Modelkeep 是否离线工作</translation>
        </message>
        <message>
            <source>Nothing leaves this machine now.</source>
            <translation>现在本机不向外发送任何内容。</translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation>离线工作</translation>
        </message>
        <message>
            <source>Nothing leaves this machine</source>
            <translation>本机不向外发送任何内容</translation>
        </message>
        <message>
            <source>{}: {}</source>
            <translation>{}：{}</translation>
        </message>
        <message>
            <source>Plan a copy</source>
            <translation>计算将复制的内容</translation>
        </message>
        <message>
            <source>Plan a sync</source>
            <translation>计算将同步的内容</translation>
        </message>
        <message>
            <source>Move {} to {}</source>
            <translation>将 {} 移动到 {}</translation>
        </message>
        <message>
            <source>Copy {} to {}</source>
            <translation>将 {} 复制到 {}</translation>
        </message>
        <message>
            <source>Sync {} to {}</source>
            <translation>将 {} 同步到 {}</translation>
        </message>
        <message>
            <source>{} was copied to {}, but stays where it was: {}</source>
            <translation>{} 已复制到 {}，但原处的仍保留：{}</translation>
        </message>
        <message>
            <source>Moved {} to {}, sent {}.</source>
            <translation>已将 {} 移动到 {}，发送 {}。</translation>
        </message>
        <message>
            <source>Copied {} to {}, sent {}.</source>
            <translation>已将 {} 复制到 {}，发送 {}。</translation>
        </message>
        <message>
            <source>{} of {} were synced to {}</source>
            <translation>{1} 个中有 {0} 个已同步到 {2}</translation>
        </message>
        <message>
            <source>Sync again: what is done need not be done again.</source>
            <translation>请重新同步：已完成的部分无需重做。</translation>
        </message>
        <message>
            <source>{} has all of it now, sent {}.</source>
            <translation>{} 现已有全部内容，发送 {}。</translation>
        </message>
        <message>
            <source>List the hubs</source>
            <translation>列出 Hub</translation>
        </message>
        <message>
            <source>Ask whose token it is</source>
            <translation>查询令牌属于谁</translation>
        </message>
        <message>
            <source>Plan a push</source>
            <translation>计算将推送的内容</translation>
        </message>
        <message>
            <source>Push {} to {}</source>
            <translation>将 {} 推送到 {}</translation>
        </message>
        <message>
            <source>Push to {}</source>
            <translation>推送到 {}</translation>
        </message>
        <message>
            <source>Pushed {} to {}</source>
            <translation>已将 {} 推送到 {}</translation>
        </message>
        <message>
            <source>Pushed to {}</source>
            <translation>已推送到 {}</translation>
        </message>
        <message>
            <source>1 file is</source>
            <translation>1 个文件</translation>
        </message>
        <message>
            <source>{} files are</source>
            <translation>{} 个文件</translation>
        </message>
        <message>
            <source>{} But {} not there as sent.</source>
            <translation>{}但有 {}在 Hub 上与所发送的不一致。</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>重新查看</translation>
        </message>
        <message>
            <source>Only models can be registered, and this is none.</source>
            <translation>只能注册模型，而所选内容不是模型。</translation>
        </message>
        <message>
            <source>Look at what is registered</source>
            <translation>查看已注册的模型</translation>
        </message>
        <message>
            <source>Download a model ({} of {})</source>
            <translation>下载模型（{} / {}）</translation>
        </message>
        <message>
            <source>The cache in {} is not in the list of this window.</source>
            <translation>位于 {} 的缓存不在此窗口的列表中。</translation>
        </message>
        <message>
            <source>Add it</source>
            <translation>添加</translation>
        </message>
        <message>
            <source>Check a file that registers models</source>
            <translation>检查注册模型的文件</translation>
        </message>
        <message>
            <source>YAML files (*.yaml *.yml)</source>
            <translation>YAML 文件 (*.yaml *.yml)</translation>
        </message>
        <message>
            <source>Check {}</source>
            <translation>检查 {}</translation>
        </message>
        <message>
            <source>{} is registered as {}.</source>
            <translation>{} 已注册为 {}。</translation>
        </message>
        <message>
            <source>Register {}</source>
            <translation>注册 {}</translation>
        </message>
        <message>
            <source>{} is not registered any more. The files of its model stay.</source>
            <translation>{} 已取消注册。其模型文件会保留。</translation>
        </message>
        <message>
            <source>Unregister {}</source>
            <translation>取消注册 {}</translation>
        </message>
        <message>
            <source>Work online</source>
            <translation>联网工作</translation>
        </message>
        <message>
            <source>{} are selected.</source>
            <translation>已选 {} 个。</translation>
        </message>
        <message>
            <source>Make {} main?</source>
            <translation>将 {} 设为 main？</translation>
        </message>
        <message>
            <source>Make this main</source>
            <translation>设为 main</translation>
        </message>
        <message>
            <source>Who loads {} without naming a revision gets {}.</source>
            <translation>加载 {} 而不指定修订版本时，将得到 {}。</translation>
        </message>
        <message>
            <source>Who loads {} without naming a revision gets {} then, instead of {}.</source>
            <translation>此后加载 {} 而不指定修订版本时，将得到 {}，而不是 {}。</translation>
        </message>
        <message>
            <source>That revision is not whole: loading it may not work.</source>
            <translation>该修订版本不完整：可能无法加载。</translation>
        </message>
        <message>
            <source>Nothing is deleted, and the next update moves main on again.</source>
            <translation>不会删除任何内容，下次更新会再次移动 main。</translation>
        </message>
        <message>
            <source>{} ({} old)</source>
            <translation>{}（{}前）</translation>
        </message>
        <message>
            <source>The files of both are the same.</source>
            <translation>两者的文件相同。</translation>
        </message>
        <message>
            <source>{} and {} more</source>
            <translation>{} 等，另有 {} 个</translation>
        </message>
        <message>
            <source>1 file differs: {}.</source>
            <translation>1 个文件不同：{}。</translation>
        </message>
        <message>
            <source>{} files differ: {}.</source>
            <translation>{} 个文件不同：{}。</translation>
        </message>
        <message>
            <source>Make another revision main</source>
            <translation>将另一修订版本设为 main</translation>
        </message>
        <message>
            <source>main of {} leads to {} already.</source>
            <translation>{} 的 main 已指向 {}。</translation>
        </message>
        <message>
            <source>main of {} leads to {} now.</source>
            <translation>{} 的 main 现已指向 {}。</translation>
        </message>
        <message>
            <source>Add a cache</source>
            <translation>添加缓存</translation>
        </message>
        <message>
            <source>Scan all models</source>
            <translation>扫描所有模型</translation>
        </message>
        <message>
            <source>Scan {}</source>
            <translation>扫描 {}</translation>
        </message>
        <message>
            <source>Scan {} models</source>
            <translation>扫描 {} 个模型</translation>
        </message>
        <message>
            <source>There is nothing to scan.</source>
            <translation>没有可扫描的内容。</translation>
        </message>
        <message>
            <source>Nothing unsafe was found in {}. A scan is a filter and no proof.</source>
            <translation>未在 {} 中发现不安全内容。扫描只是筛查，并非证明。</translation>
        </message>
        <message>
            <source>Nothing unsafe was found in {} revisions. A scan is a filter and no proof.</source>
            <translation>未在 {} 个修订版本中发现不安全内容。扫描只是筛查，并非证明。</translation>
        </message>
        <message>
            <source>Scanned {} revisions: nothing unsafe found</source>
            <translation>已扫描 {} 个修订版本：未发现不安全内容</translation>
        </message>
        <message>
            <source>Scanned {} revisions: {} not clean</source>
            <translation>已扫描 {} 个修订版本：{} 个有异常</translation>
        </message>
        <message>
            <source>The scan was stopped. Revisions scanned: {}, not clean: {}.</source>
            <translation>扫描已停止。已扫描修订版本：{}，有异常：{}。</translation>
        </message>
        <message>
            <source>Look what could go</source>
            <translation>查看可清理的内容</translation>
        </message>
        <message>
            <source>Plan what goes</source>
            <translation>计算将清理的内容</translation>
        </message>
        <message>
            <source>Free up space…</source>
            <translation>释放空间…</translation>
        </message>
        <message>
            <source>{} is {} over its limit of {}.</source>
            <translation>{0} 超出上限 {1}（上限为 {2}）。</translation>
        </message>
        <message>
            <source>In {}, {} were not used for {} days.</source>
            <translation>{0} 中有 {1}已 {2} 天未使用。</translation>
        </message>
        <message>
            <source>Free up space: {}</source>
            <translation>释放空间：{}</translation>
        </message>
        <message>
            <source>{} of {} went</source>
            <translation>已清理 {} 个，共 {}</translation>
        </message>
        <message>
            <source>Moved {} to the trash: {} are free when it is emptied.</source>
            <translation>已将 {} 移到回收站：清空后释放 {}。</translation>
        </message>
        <message>
            <source>See what was deleted</source>
            <translation>查看已删除的内容</translation>
        </message>
        <message>
            <source>Verify {}</source>
            <translation>校验 {}</translation>
        </message>
        <message>
            <source>Look for what nothing needs</source>
            <translation>查找不再需要的内容</translation>
        </message>
        <message>
            <source>Delete {} on {}</source>
            <translation>删除 {}（位于 {}）</translation>
        </message>
        <message>
            <source>Deleted {} on {}.</source>
            <translation>已删除 {}（位于 {}）。</translation>
        </message>
        <message>
            <source>Deleted {} on {} for good.</source>
            <translation>已彻底删除 {}（位于 {}）。</translation>
        </message>
        <message>
            <source>Let {} lead to {}</source>
            <translation>将 {} 指向 {}</translation>
        </message>
        <message>
            <source>{} leads to {} now.</source>
            <translation>{} 现已指向 {}。</translation>
        </message>
        <message>
            <source>{}: all {} files are there, read and hashed.</source>
            <translation>{}：全部 {} 个文件均在，已读取并计算哈希。</translation>
        </message>
        <message>
            <source>{}: all {} files are there, by names and sizes.</source>
            <translation>{}：全部 {} 个文件均在，已核对名称和大小。</translation>
        </message>
        <message>
            <source>is missing</source>
            <translation>缺失</translation>
        </message>
        <message>
            <source>has the wrong size</source>
            <translation>大小不符</translation>
        </message>
        <message>
            <source>has other content than its name says</source>
            <translation>内容与其名称不符</translation>
        </message>
        <message>
            <source>{} {}, which {} need</source>
            <translation>{} {}，{} 需要它</translation>
        </message>
        <message>
            <source>{}: {} of {} contents are not what they should be</source>
            <translation>{}：{} 个内容有问题，共 {} 个</translation>
        </message>
        <message>
            <source>{}: not all could be looked at</source>
            <translation>{}：未能查看全部内容</translation>
        </message>
        <message>
            <source>Push the models again from a cache that has them: only what is not good is sent.</source>
            <translation>请从有这些模型的缓存重新推送：只会发送有问题的内容。</translation>
        </message>
        <message>
            <source>Collect the garbage of {}</source>
            <translation>回收 {} 的垃圾</translation>
        </message>
        <message>
            <source>{} freed on {}</source>
            <translation>{1} 上已释放 {0}</translation>
        </message>
        <message>
            <source>Collect it again later.</source>
            <translation>请稍后重新回收。</translation>
        </message>
        <message>
            <source>{} objects were needed again meanwhile and stay.</source>
            <translation>其间 {} 个对象又被需要，予以保留。</translation>
        </message>
        <message>
            <source>The training of {} was interrupted. It can go on from where it was.</source>
            <translation>{} 的训练被中断。可从中断处继续。</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>继续</translation>
        </message>
        <message>
            <source>{} trainings were interrupted. They can go on from where they were.</source>
            <translation>{} 个训练被中断。可从中断处继续。</translation>
        </message>
        <message>
            <source>Look what there is to run models</source>
            <translation>查看可用的模型运行环境</translation>
        </message>
        <message>
            <source>Trained {}</source>
            <translation>已训练 {}</translation>
        </message>
        <message>
            <source>Trained {}.</source>
            <translation>已训练 {}。</translation>
        </message>
        <message>
            <source>Try it</source>
            <translation>试用</translation>
        </message>
        <message>
            <source>train</source>
            <translation>训练</translation>
        </message>
        <message>
            <source>{} was not trained:</source>
            <translation>{} 未能完成训练：</translation>
        </message>
        <message>
            <source>Its curve and its log go, which frees {}. What it published stays in the cache.</source>
            <translation>将删除其曲线和日志，释放 {}。已发布的结果会保留在缓存中。</translation>
        </message>
        <message>
            <source>Its checkpoints go, which frees {}. It cannot go on after that.</source>
            <translation>将删除其检查点，释放 {}。此后无法再继续。</translation>
        </message>
        <message>
            <source>Its curve and its log go, which frees {}.</source>
            <translation>将删除其曲线和日志，释放 {}。</translation>
        </message>
        <message>
            <source>Discard the training of {}?</source>
            <translation>丢弃 {} 的训练？</translation>
        </message>
        <message>
            <source>Discard, free {}</source>
            <translation>丢弃，释放 {}</translation>
        </message>
        <message>
            <source>The training of {} was discarded: {} freed.</source>
            <translation>已丢弃 {} 的训练：释放 {}。</translation>
        </message>
        <message>
            <source>Cancel the download?</source>
            <translation>取消下载？</translation>
        </message>
        <message>
            <source>{} of {} came already and will be removed. Files that are whole stay in the cache.</source>
            <translation>{1} 已下载的 {0} 将被删除。完整的文件会保留在缓存中。</translation>
        </message>
        <message>
            <source>Cancel the download</source>
            <translation>取消下载</translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation>保留下载</translation>
        </message>
        <message>
            <source>Downloaded {}.</source>
            <translation>已下载 {}。</translation>
        </message>
        <message>
            <source>{} stopped: {} {}</source>
            <translation>{} 已停止：{} {}</translation>
        </message>
        <message>
            <source>Try loading {}</source>
            <translation>试加载 {}</translation>
        </message>
        <message>
            <source>load</source>
            <translation>加载</translation>
        </message>
        <message>
            <source>Save the answer</source>
            <translation>保存回答</translation>
        </message>
        <message>
            <source>Markdown (*.md)</source>
            <translation>Markdown (*.md)</translation>
        </message>
        <message>
            <source>JSON (*.json)</source>
            <translation>JSON (*.json)</translation>
        </message>
        <message>
            <source>Restore from the trash</source>
            <translation>从回收站恢复</translation>
        </message>
        <message>
            <source>Bring back {}</source>
            <translation>恢复 {}</translation>
        </message>
        <message>
            <source>{} is on {} again.</source>
            <translation>{} 已恢复到 {}。</translation>
        </message>
        <message>
            <source>1 item</source>
            <translation>1 项</translation>
        </message>
        <message>
            <source>{} items</source>
            <translation>{} 项</translation>
        </message>
        <message>
            <source>Remove for good?</source>
            <translation>彻底删除？</translation>
        </message>
        <message>
            <source>{} in the trash will be gone. This cannot be undone.</source>
            <translation>回收站中的 {}将被删除。此操作无法撤销。</translation>
        </message>
        <message>
            <source>Remove {}, free {}</source>
            <translation>删除 {}，释放 {}</translation>
        </message>
        <message>
            <source>Empty the trash</source>
            <translation>清空回收站</translation>
        </message>
        <message>
            <source>Not all was restored: {}</source>
            <translation>未能全部恢复：{}</translation>
        </message>
        <message>
            <source>Restored; {} newer files in the cache were left as they are.</source>
            <translation>已恢复；缓存中较新的 {} 个文件保持不变。</translation>
        </message>
        <message>
            <source>Restored {}.</source>
            <translation>已恢复 {}。</translation>
        </message>
        <message>
            <source>{} freed; not all could be removed: {}</source>
            <translation>已释放 {}；未能全部删除：{}</translation>
        </message>
        <message>
            <source>Look what is unsafe</source>
            <translation>查看不安全的内容</translation>
        </message>
        <message>
            <source>Check for updates</source>
            <translation>检查更新</translation>
        </message>
        <message>
            <source>Nothing newer was found</source>
            <translation>没有发现更新</translation>
        </message>
        <message>
            <source>All models are up to date.</source>
            <translation>所有模型都是最新的。</translation>
        </message>
        <message>
            <source>{} with something newer</source>
            <translation>{} 个有更新</translation>
        </message>
        <message>
            <source>Verify all models</source>
            <translation>校验所有模型</translation>
        </message>
        <message>
            <source>Verify {} models</source>
            <translation>校验 {} 个模型</translation>
        </message>
    </context>
    <context>
        <name>training</name>
        <message>
            <source>Step</source>
            <translation>步数</translation>
        </message>
        <message>
            <source>What is wrong in the examples</source>
            <translation>示例中的问题</translation>
        </message>
        <message>
            <source>What is wrong</source>
            <translation>问题</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>行</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Loss</source>
            <translation>损失</translation>
        </message>
        <message>
            <source>{}, at the right</source>
            <translation>{}，右轴</translation>
        </message>
        <message>
            <source>{} (the parent {})</source>
            <translation>{}（父模型 {}）</translation>
        </message>
        <message>
            <source>Label</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Parent</source>
            <translation>父模型</translation>
        </message>
        <message>
            <source>Text classification</source>
            <translation>文本分类</translation>
        </message>
        <message>
            <source>Token classification</source>
            <translation>Token 分类</translation>
        </message>
        <message>
            <source>On each line a text, marked as &lt;START:PER&gt;Anna&lt;END&gt;; or JSON lines.</source>
            <translation>每行一段文本，按 &lt;START:PER&gt;Anna&lt;END&gt; 的形式标注；也可用 JSON Lines。</translation>
        </message>
        <message>
            <source>On each line a text, a tab and its label, without a header; or JSON lines.</source>
            <translation>每行依次为文本、制表符和标签，不含标题行；也可用 JSON Lines。</translation>
        </message>
        <message>
            <source>Accuracy</source>
            <translation>准确率</translation>
        </message>
        <message>
            <source>F1, mean of the labels</source>
            <translation>各标签平均 F1</translation>
        </message>
        <message>
            <source>Precision</source>
            <translation>精确率</translation>
        </message>
        <message>
            <source>Recall</source>
            <translation>召回率</translation>
        </message>
        <message>
            <source>F1</source>
            <translation>F1</translation>
        </message>
        <message>
            <source>Loss when measured</source>
            <translation>评估损失</translation>
        </message>
        <message>
            <source>all weights</source>
            <translation>全部权重</translation>
        </message>
        <message>
            <source>LoRA</source>
            <translation>LoRA</translation>
        </message>
        <message>
            <source>automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>waits, number {}</source>
            <translation>等待中，第 {} 位</translation>
        </message>
        <message>
            <source>is next</source>
            <translation>下一个</translation>
        </message>
        <message>
            <source>running</source>
            <translation>正在运行</translation>
        </message>
        <message>
            <source>done</source>
            <translation>已完成</translation>
        </message>
        <message>
            <source>cancelled, can go on</source>
            <translation>已取消，可继续</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>stopped, can go on</source>
            <translation>已停止，可继续</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>Step {} of {}</source>
            <translation>第 {} 步，共 {} 步</translation>
        </message>
        <message>
            <source>epoch {}</source>
            <translation>轮次 {}</translation>
        </message>
        <message>
            <source>learning rate {}</source>
            <translation>学习率 {}</translation>
        </message>
        <message>
            <source>{} steps/s</source>
            <translation>{} 步/秒</translation>
        </message>
        <message>
            <source>{} left</source>
            <translation>剩余 {}</translation>
        </message>
        <message>
            <source>It was not measured.</source>
            <translation>未评估。</translation>
        </message>
        <message>
            <source>There are no points yet.</source>
            <translation>还没有数据点。</translation>
        </message>
        <message>
            <source>Loss {now} after {step} of {steps} steps. It began at {first}; the lowest was {lowest}, at step {at}.</source>
            <translation>已完成 {step} 步，共 {steps} 步，损失为 {now}。初始为 {first}；最低为 {lowest}，出现在第 {at} 步。</translation>
        </message>
        <message>
            <source>{} {} when it was measured at step {}.</source>
            <translation>{} {}，在第 {} 步评估。</translation>
        </message>
        <message>
            <source>Step {}</source>
            <translation>第 {} 步</translation>
        </message>
        <message>
            <source>loss {}</source>
            <translation>损失 {}</translation>
        </message>
        <message>
            <source>text, tab, label</source>
            <translation>文本、制表符、标签</translation>
        </message>
        <message>
            <source>tagged text</source>
            <translation>带标注的文本</translation>
        </message>
        <message>
            <source>JSON lines</source>
            <translation>JSON Lines</translation>
        </message>
        <message>
            <source>1 example</source>
            <translation>1 个示例</translation>
        </message>
        <message>
            <source>{} examples</source>
            <translation>{} 个示例</translation>
        </message>
        <message>
            <source>1 label</source>
            <translation>1 个标签</translation>
        </message>
        <message>
            <source>{} labels</source>
            <translation>{} 个标签</translation>
        </message>
        <message>
            <source>several for a text</source>
            <translation>每条文本多个标签</translation>
        </message>
        <message>
            <source>&amp;Train {}, 1 step</source>
            <translation>训练 {}，1 步(&amp;T)</translation>
        </message>
        <message>
            <source>&amp;Train {}, {} steps</source>
            <translation>训练 {}，{} 步(&amp;T)</translation>
        </message>
        <message>
            <source>{steps}, each of {batch} examples · {epochs} epochs · a checkpoint every {every}</source>
            <translation>{steps}，每步 {batch} 个示例 · {epochs} 轮 · 每 {every} 步保存一个检查点</translation>
        </message>
        <message>
            <source>on {} examples of {}</source>
            <translation>用 {} 个示例，来自 {}</translation>
        </message>
        <message>
            <source>on {} of the examples, which are not trained with</source>
            <translation>用其中 {} 个示例，不参与训练</translation>
        </message>
        <message>
            <source>not at all</source>
            <translation>不评估</translation>
        </message>
        <message>
            <source>about {} of memory</source>
            <translation>约 {} 内存</translation>
        </message>
        <message>
            <source>about {} of memory ({} free)</source>
            <translation>约 {} 内存（可用 {}）</translation>
        </message>
        <message>
            <source>{} on the disk ({} free)</source>
            <translation>{} 磁盘空间（可用 {}）</translation>
        </message>
        <message>
            <source>its head goes on</source>
            <translation>沿用原分类头</translation>
        </message>
        <message>
            <source>with a new head for these labels</source>
            <translation>为这些标签新建分类头</translation>
        </message>
        <message>
            <source>Modelkeep’s own Python</source>
            <translation>Modelkeep 自身的 Python</translation>
        </message>
        <message>
            <source>Steps</source>
            <translation>步数</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>评估</translation>
        </message>
        <message>
            <source>Trains</source>
            <translation>训练方式</translation>
        </message>
        <message>
            <source>by {}</source>
            <translation>由 {} 运行</translation>
        </message>
        <message>
            <source>Takes</source>
            <translation>占用</translation>
        </message>
        <message>
            <source>{} epochs</source>
            <translation>{} 轮</translation>
        </message>
        <message>
            <source>batch {}</source>
            <translation>批大小 {}</translation>
        </message>
        <message>
            <source>seed {}</source>
            <translation>种子 {}</translation>
        </message>
        <message>
            <source>at most {} tokens</source>
            <translation>最多 {} 个 token</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>结果</translation>
        </message>
        <message>
            <source>Task</source>
            <translation>任务</translation>
        </message>
        <message>
            <source>Examples</source>
            <translation>示例</translation>
        </message>
        <message>
            <source>Labels</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Asked for</source>
            <translation>训练参数</translation>
        </message>
        <message>
            <source>Method</source>
            <translation>方法</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>设备</translation>
        </message>
        <message>
            <source>Run by</source>
            <translation>运行环境</translation>
        </message>
        <message>
            <source>Asked at</source>
            <translation>提交时间</translation>
        </message>
        <message>
            <source>Ended at</source>
            <translation>结束时间</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>用时</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>at most {}</source>
            <translation>峰值 {}</translation>
        </message>
        <message>
            <source>Kept in</source>
            <translation>保存位置</translation>
        </message>
    </context>
    <context>
        <name>transfers</name>
        <message>
            <source>{} at {}
from {}
into {}</source>
            <translation>{}，提交 {}
来自 {}
下载到 {}</translation>
        </message>
        <message>
            <source>{} of {}</source>
            <translation>{} / {}</translation>
        </message>
        <message>
            <source>{}/s</source>
            <translation>{}/s</translation>
        </message>
        <message>
            <source>waits</source>
            <translation>等待中</translation>
        </message>
        <message>
            <source>downloading</source>
            <translation>下载中</translation>
        </message>
        <message>
            <source>paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>stopped</source>
            <translation>已停止</translation>
        </message>
        <message>
            <source>checking</source>
            <translation>校验中</translation>
        </message>
        <message>
            <source>done</source>
            <translation>已完成</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>失败</translation>
        </message>
    </context>
    <context>
        <name>trial</name>
        <message>
            <source>{} loads without a network</source>
            <translation>{} 无需网络即可加载</translation>
        </message>
        <message>
            <source>{} does not load</source>
            <translation>{} 无法加载</translation>
        </message>
        <message>
            <source>{}: {}</source>
            <translation>{}：{}</translation>
        </message>
        <message>
            <source>{} of memory</source>
            <translation>内存 {}</translation>
        </message>
        <message>
            <source>{} s</source>
            <translation>{} 秒</translation>
        </message>
        <message>
            <source>{} min</source>
            <translation>{} 分钟</translation>
        </message>
        <message>
            <source>It wanted to reach {}.</source>
            <translation>它试图访问 {}。</translation>
        </message>
    </context>
    <context>
        <name>tryout</name>
        <message>
            <source>It gave no label.</source>
            <translation>模型未给出标签。</translation>
        </message>
        <message>
            <source>Labels</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Each label is judged on its own: they do not add up to 100 %.</source>
            <translation>各标签独立判定：合计不一定为 100 %。</translation>
        </message>
        <message>
            <source>Text with what was found</source>
            <translation>标出结果的文本</translation>
        </message>
        <message>
            <source>It found nothing in this text.</source>
            <translation>未在此文本中找到任何内容。</translation>
        </message>
        <message>
            <source>What was found</source>
            <translation>找到的内容</translation>
        </message>
        <message>
            <source>Only the beginning of the text is shown. The list has all that was found.</source>
            <translation>仅显示文本的开头。列表中有找到的全部内容。</translation>
        </message>
        <message>
            <source>Blank {}</source>
            <translation>空缺 {}</translation>
        </message>
        <message>
            <source>Candidates</source>
            <translation>候选词</translation>
        </message>
        <message>
            <source>Vectors of {} numbers; 1.000 means the same direction.</source>
            <translation>{} 维向量；1.000 表示方向相同。</translation>
        </message>
        <message>
            <source>Copy the vectors</source>
            <translation>复制向量</translation>
        </message>
        <message>
            <source>How alike the sentences are</source>
            <translation>句子的相似程度</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>文本</translation>
        </message>
        <message>
            <source>It found no answer in this text.</source>
            <translation>未在此文本中找到答案。</translation>
        </message>
        <message>
            <source>Text with the answer</source>
            <translation>标出答案的文本</translation>
        </message>
        <message>
            <source>“{answer}” ({share})</source>
            <translation>“{answer}”（{share}）</translation>
        </message>
        <message>
            <source>Label</source>
            <translation>标签</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>置信度</translation>
        </message>
        <message>
            <source>Characters</source>
            <translation>字符位置</translation>
        </message>
        <message>
            <source>Text classification</source>
            <translation>文本分类</translation>
        </message>
        <message>
            <source>Token classification</source>
            <translation>Token 分类</translation>
        </message>
        <message>
            <source>Fill in the blank</source>
            <translation>填空</translation>
        </message>
        <message>
            <source>Sentence similarity</source>
            <translation>句子相似度</translation>
        </message>
        <message>
            <source>Text generation</source>
            <translation>文本生成</translation>
        </message>
        <message>
            <source>Question answering</source>
            <translation>问答</translation>
        </message>
        <message>
            <source>Summarisation</source>
            <translation>摘要</translation>
        </message>
        <message>
            <source>Translation</source>
            <translation>翻译</translation>
        </message>
        <message>
            <source>Text to text</source>
            <translation>文本到文本</translation>
        </message>
        <message>
            <source>Image classification</source>
            <translation>图像分类</translation>
        </message>
        <message>
            <source>loaded already</source>
            <translation>已加载</translation>
        </message>
        <message>
            <source>takes about {} of {} that are free</source>
            <translation>约占 {}，可用 {}</translation>
        </message>
        <message>
            <source>takes about {}</source>
            <translation>约占 {}</translation>
        </message>
        <message>
            <source>Modelkeep’s own Python</source>
            <translation>Modelkeep 自身的 Python</translation>
        </message>
        <message>
            <source>nothing unsafe found</source>
            <translation>未发现不安全内容</translation>
        </message>
        <message>
            <source>something suspicious in its files</source>
            <translation>其文件中有可疑内容</translation>
        </message>
        <message>
            <source>not all of its files could be scanned</source>
            <translation>部分文件无法扫描</translation>
        </message>
        <message>
            <source>dangerous</source>
            <translation>危险</translation>
        </message>
        <message>
            <source>is scanned before it is loaded</source>
            <translation>加载前会先扫描</translation>
        </message>
        <message>
            <source>{} for the answer</source>
            <translation>回答用时 {}</translation>
        </message>
        <message>
            <source>{:.1f} tokens/s</source>
            <translation>{:.1f} token/秒</translation>
        </message>
        <message>
            <source>was loaded</source>
            <translation>此前已加载</translation>
        </message>
        <message>
            <source>{} to load</source>
            <translation>加载用时 {}</translation>
        </message>
        <message>
            <source>at most {}</source>
            <translation>峰值 {}</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Class</source>
            <translation>类</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数</translation>
        </message>
        <message>
            <source>Context</source>
            <translation>上下文长度</translation>
        </message>
        <message>
            <source>{} tokens</source>
            <translation>{} 个 token</translation>
        </message>
        <message>
            <source>Run by</source>
            <translation>运行环境</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>设备</translation>
        </message>
        <message>
            <source>Loading</source>
            <translation>加载</translation>
        </message>
        <message>
            <source>Answer</source>
            <translation>回答</translation>
        </message>
        <message>
            <source>Tokens</source>
            <translation>Token 数</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>At most</source>
            <translation>内存峰值</translation>
        </message>
        <message>
            <source>Libraries</source>
            <translation>库</translation>
        </message>
        <message>
            <source>It is as long as it may be.</source>
            <translation>已达到长度上限。</translation>
        </message>
        <message>
            <source>A text that ends it came.</source>
            <translation>出现了停止文本。</translation>
        </message>
        <message>
            <source>It was stopped.</source>
            <translation>已停止。</translation>
        </message>
        <message>
            <source>{what} ({task}, {age})</source>
            <translation>{what}（{task}，{age}）</translation>
        </message>
        <message>
            <source>Leaving</source>
            <translation>正在退出</translation>
        </message>
        <message>
            <source>leaves in {}</source>
            <translation>{} 后退出</translation>
        </message>
        <message>
            <source>Running</source>
            <translation>正在运行</translation>
        </message>
        <message>
            <source>Loaded</source>
            <translation>已加载</translation>
        </message>
    </context>
    <context>
        <name>usage</name>
        <message>
            <source>Trash</source>
            <translation>回收站</translation>
        </message>
        <message>
            <source>Other files</source>
            <translation>其他文件</translation>
        </message>
        <message>
            <source>Free</source>
            <translation>可用</translation>
        </message>
        <message>
            <source>More models</source>
            <translation>其余模型</translation>
        </message>
        <message>
            <source>No owner</source>
            <translation>无所有者</translation>
        </message>
        <message>
            <source>Unknown library</source>
            <translation>未知库</translation>
        </message>
    </context>
    <context>
        <name>verify</name>
        <message>
            <source>There is no model to verify.</source>
            <translation>没有可校验的模型。</translation>
        </message>
        <message>
            <source>{} is not what it should be.</source>
            <translation>{} 的文件有问题。</translation>
        </message>
        <message>
            <source>1 of {} models is not what it should be.</source>
            <translation>{} 个模型中有 1 个的文件有问题。</translation>
        </message>
        <message>
            <source>{} of {} models are not what they should be.</source>
            <translation>{1} 个模型中有 {0} 个的文件有问题。</translation>
        </message>
        <message>
            <source>{} models</source>
            <translation>{} 个模型</translation>
        </message>
        <message>
            <source>Verified {}: all files are what they should be.</source>
            <translation>已校验 {}：所有文件均完好。</translation>
        </message>
        <message>
            <source>Verified {}: nothing is wrong, but nothing says what all of its files should be.</source>
            <translation>已校验 {}：未发现问题，但没有依据可核对其全部文件。</translation>
        </message>
        <message>
            <source>Verified {}: nothing is wrong, but nothing says what all files should be.</source>
            <translation>已校验 {}：未发现问题，但没有依据可核对全部文件。</translation>
        </message>
        <message>
            <source>Verified {}: nothing is wrong, but nothing says what all files of {} of them should be.</source>
            <translation>已校验 {}：未发现问题，但其中 {} 个没有依据可核对全部文件。</translation>
        </message>
        <message>
            <source>{} is not what it should be</source>
            <translation>{} 的文件有问题</translation>
        </message>
        <message>
            <source>{} models are not what they should be</source>
            <translation>{} 个模型的文件有问题</translation>
        </message>
        <message>
            <source>nothing of it is here</source>
            <translation>这里没有其任何内容</translation>
        </message>
        <message>
            <source>1 file bad</source>
            <translation>1 个文件有误</translation>
        </message>
        <message>
            <source>{} files bad</source>
            <translation>{} 个文件有误</translation>
        </message>
        <message>
            <source>1 file missing</source>
            <translation>缺少 1 个文件</translation>
        </message>
        <message>
            <source>{} files missing</source>
            <translation>缺少 {} 个文件</translation>
        </message>
        <message>
            <source>missing</source>
            <translation>缺失</translation>
        </message>
        <message>
            <source>wrong size</source>
            <translation>大小不符</translation>
        </message>
        <message>
            <source>wrong content</source>
            <translation>内容不符</translation>
        </message>
        <message>
            <source>not as listed</source>
            <translation>与清单不符</translation>
        </message>
        <message>
            <source>cannot be read</source>
            <translation>无法读取</translation>
        </message>
        <message>
            <source>damaged header</source>
            <translation>文件头损坏</translation>
        </message>
        <message>
            <source>names missing files</source>
            <translation>引用了缺失的文件</translation>
        </message>
        <message>
            <source>See that you may read it, and that its disk is sound.</source>
            <translation>请确认您有读取权限，且磁盘正常。</translation>
        </message>
        <message>
            <source>Its checksum is right, so it was published like this. Tell who published it.</source>
            <translation>校验和正确，说明发布时即如此。请告知发布者。</translation>
        </message>
        <message>
            <source>The list of the repository's files may be what is damaged.</source>
            <translation>损坏的可能是仓库的文件清单。</translation>
        </message>
        <message>
            <source>Mend the files that it names, or download the model again.</source>
            <translation>请修补它引用的文件，或重新下载模型。</translation>
        </message>
        <message>
            <source>Mending fetches it.</source>
            <translation>修补会将其补上。</translation>
        </message>
        <message>
            <source>Mending fetches a good one; this one goes to the trash.</source>
            <translation>修补会换上完好的文件；当前文件会移到回收站。</translation>
        </message>
    </context>
    <context>
        <name>window</name>
        <message>
            <source>No models yet</source>
            <translation>还没有模型</translation>
        </message>
        <message>
            <source>Modelkeep shows what lies in the model caches of this machine.</source>
            <translation>Modelkeep 显示本机模型缓存中的内容。</translation>
        </message>
        <message>
            <source>Find a model on a hub, see what it takes, fetch it.</source>
            <translation>在 Hub 上查找模型，查看所需空间，然后下载。</translation>
        </message>
        <message>
            <source>Bring models from an archive, a folder or a clone.</source>
            <translation>从归档、文件夹或克隆导入模型。</translation>
        </message>
        <message>
            <source>Show a cache on another disk or share.</source>
            <translation>显示另一磁盘或共享上的缓存。</translation>
        </message>
    </context>
</TS>
